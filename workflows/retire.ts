/** Stops an old release when its time is over, unless it serves again. Outlives the deployment that left it. */
import { patched, sleep } from '@temporalio/workflow';
import { servingRelease } from '../domain/releases';
import type { RetireRequest, Retirement } from './messages';
import { retireProblem } from '../domain/requests/problem';
import { refuse } from './support/failure';
import { callIn } from './support/proxies';

export async function retire({ app, environment, release, serving = 'leave' }: RetireRequest): Promise<Retirement> {
  refuse(retireProblem({ app, environment, release }));
  await sleep(environment.retire.afterMs, { summary: `${release} is kept warm` });
  const facts = await callIn(environment.name, 'readEnvironment', 'does it serve again?')({ app, environment });
  const weight = Math.max(facts.weights[release] ?? 0, facts.lease?.fallback[release] ?? 0);
  const isKnown = weight > 0 || facts.releases.some((known) => known.release === release);
  if (!isKnown && patched('unknown-release')) return 'unknown';
  const serves = weight > 0 || servingRelease(facts)?.release === release;
  if (serves && serving === 'leave') return 'serves again';
  if (serves) {
    const nobody = { app, environment, addresses: {}, weights: {}, lease: null };
    await callIn(environment.name, 'setWeights', 'nobody serves')(nobody);
  }
  await callIn(
    environment.name,
    'drainRelease',
    `wait for what ${release} has in flight`,
  )({ app, environment, release });
  await callIn(environment.name, 'stopRelease', `stop ${release}`)({ app, environment, release, keep: false });
  return 'stopped';
}

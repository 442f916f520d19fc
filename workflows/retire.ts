/** Stops an old release when its time is over, unless it serves again. Outlives the deployment that left it; or a person asks for it. */
import { patched, sleep } from '@temporalio/workflow';
import { servingRelease } from '../domain/releases';
import type { RetireRequest, Retirement } from './messages';
import { retireProblem } from '../domain/requests/problem';
import { keptOr } from './steps/admit';
import { askedByHand } from './steps/retire-by-hand';
import { refuse } from './support/failure';
import { isGuarded } from './support/guarded';
import { callIn } from './support/proxies';

export async function retire(request: RetireRequest): Promise<Retirement> {
  refuse(retireProblem(request));
  const tell = await askedByHand(request);
  const how = await takeAway(request);
  await tell?.(how);
  return how;
}

async function takeAway(request: RetireRequest): Promise<Retirement> {
  const { app, release, serving = 'leave' } = request;
  await sleep(request.environment.retire.afterMs, { summary: `${release} is kept warm` });
  const { environment } = isGuarded() ? await keptOr(app, { ...request, notify: [] }) : request;
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

/** Stops an old release when its time is over, unless it serves again. Outlives the deployment that left it. */
import { sleep } from '@temporalio/workflow';
import { servingRelease } from '../domain/releases';
import type { EnvironmentSpec } from '../domain/spec/spec';
import { callIn } from './support/proxies';

export interface RetireRequest {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  readonly release: string;
}

export async function retire({ app, environment, release }: RetireRequest): Promise<'stopped' | 'serves again'> {
  await sleep(environment.retire.afterMs, { summary: `${release} is kept warm` });
  const facts = await callIn(environment.name, 'readEnvironment', 'does it serve again?')({ app, environment });
  const weight = Math.max(facts.weights[release] ?? 0, facts.lease?.fallback[release] ?? 0);
  if (weight > 0 || servingRelease(facts)?.release === release) return 'serves again';
  await callIn(
    environment.name,
    'drainRelease',
    `wait for what ${release} has in flight`,
  )({ app, environment, release });
  await callIn(environment.name, 'stopRelease', `stop ${release}`)({ app, environment, release, keep: false });
  return 'stopped';
}

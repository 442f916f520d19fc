/** A release without traffic: wait until nothing of it is in flight (bounded), then stop it. Repeatable at any point. */
import type { Drained } from '../../activities/scale-contract';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { callIn } from '../support/proxies';

export interface Unwanted {
  readonly deployment: Pick<Deployment, 'status' | 'dropRelease'>;
  readonly environment: EnvironmentSpec;
  readonly release: string;
  /** Its files stay, so that it can be started again. */
  readonly keep?: boolean;
  /** Hears what became of its last requests. */
  readonly drained?: (last: Drained['last']) => void;
}

export async function takeAway({ keep = false, ...unwanted }: Unwanted): Promise<string> {
  const { deployment, environment, release } = unwanted;
  const { app } = deployment.status;
  const drained = await callIn(
    environment.name,
    'drainRelease',
    `wait for what ${release} has in flight`,
  )({ app, environment, release });
  unwanted.drained?.(drained.last);
  await callIn(environment.name, 'stopRelease', `stop ${release}`)({ app, environment, release, keep });
  deployment.dropRelease(environment.name, release);
  const left = drained.left === 0 ? 'nothing in flight' : `${drained.left} still in flight were cut`;
  return `stopped ${release}: ${left} after ${drained.seconds.toFixed(1)} s`;
}

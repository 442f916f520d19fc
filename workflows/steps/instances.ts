/** Another number of instances of a release, and what people see of it. */
import type { ScaledRelease, ScaleRequest } from '../../activities/scale-contract';
import { LEASE_SECONDS } from '../../domain/lease';
import type { Weights } from '../../domain/words';
import { callIn } from '../support/proxies';
import type { Trafficked } from './release';

type Goal = Pick<ScaleRequest, 'release' | 'count' | 'to' | 'holder' | 'traffic'> & { readonly isUndo?: boolean };

export async function scaleTo(
  { deployment, environment }: Pick<Trafficked, 'deployment' | 'environment'>,
  { isUndo = false, ...goal }: Goal,
): Promise<ScaledRelease> {
  const { app } = deployment.status;
  const summary =
    goal.to === 'more'
      ? `start ${goal.release} until ${goal.count} run`
      : `drain and stop all but ${goal.count} of ${goal.release}`;
  const scaled = await callIn(environment.name, 'scaleRelease', summary)({ app, environment, ...goal, isUndo });
  deployment.setWeights(environment.name, scaled.traffic.after);
  const view = deployment.status.releases.find(
    (known) => known.environment === environment.name && known.release === goal.release,
  );
  const state = goal.count === 0 ? 'stopped' : 'running';
  if (view !== undefined) deployment.setRelease({ ...view, instances: goal.count, state });
  return scaled;
}

/** Weights of two releases under the deployment's lease, which gives all traffic back to the old one. */
export function leased(
  { deployment, release }: Trafficked,
  old: string,
  percent: number,
): NonNullable<ScaleRequest['traffic']> {
  const back: Weights = { [old]: 100 };
  return {
    weights: { [old]: 100 - percent, [release]: percent },
    lease: { holder: deployment.holder, seconds: LEASE_SECONDS, fallback: back },
  };
}

/** What did not end in time, in words. */
export const cutWords = ({ left }: ScaledRelease): string => (left === 0 ? '' : `; ${left} still in flight were cut`);

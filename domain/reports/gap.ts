/** How long nobody served, as it was measured, beside what the plan expected. */
import type { DeploymentStatus } from '../deployment';
import type { Tier } from '../words';
import { duration } from './words';

export interface Gap {
  readonly environment: Tier;
  readonly sentence: string;
}

/** One for each time that nobody served, in order; none where a release served at every moment. */
export const gapsOf = ({ timings = [], plan }: Pick<DeploymentStatus, 'timings' | 'plan'>): readonly Gap[] =>
  timings
    .filter(({ what }) => what === 'gap')
    .map(({ environment, seconds }) => {
      const planned = plan?.environments.find((part) => part.environment === environment)?.downtime.seconds ?? null;
      const expected = planned === null ? 'nothing to expect it from' : `expected ${duration(planned)}`;
      return {
        environment,
        sentence: `nobody served for ${seconds.toFixed(1)} s (${plan === null ? 'measured' : expected})`,
      };
    });

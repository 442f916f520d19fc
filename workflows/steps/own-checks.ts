/** A later spec may ask for what an older release does not have: it is watched by the checks of its own. */
import type { RestartedRelease } from '../../domain/release';
import type { EnvironmentSpec } from '../../domain/spec/spec';

/** The environment as the watch of a release sees it that has served before: with its own checks, where they are known. */
export function withChecksOf(environment: EnvironmentSpec, { checks }: RestartedRelease): EnvironmentSpec {
  // Going back never waits for a source that may be away: router and runners say how the release is.
  const watch = { ...environment.watch, metrics: [] };
  return checks === undefined
    ? { ...environment, watch }
    : { ...environment, ...checks, watch: { ...watch, probes: [] } };
}

/** A later spec may ask for what an older release does not have: it is watched by the checks of its own. */
import type { RestartedRelease } from '../../domain/release';
import type { EnvironmentSpec } from '../../domain/spec/spec';

/** The environment as the watch of that release sees it; as it is, where its own checks are not known. */
export function withChecksOf(environment: EnvironmentSpec, { checks }: RestartedRelease): EnvironmentSpec {
  if (checks === undefined) return environment;
  return { ...environment, ...checks, watch: { ...environment.watch, probes: [] } };
}

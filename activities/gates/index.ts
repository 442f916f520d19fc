/** The checks before a change, and those of a new release before it has traffic. */
import type { ReleaseActivities, SourceActivities } from '../contract';
import type { ConnectTo } from '../../system/release-connect';
import type { Workshop } from '../workshop';
import { checkEnvironment, type EnvironmentDeps } from './environment';
import { integrateRelease } from './integration';
import { smokeRelease } from './smoke';
import { runTests } from './tests';

export { awaitHealthy } from './await-healthy';
export { createCheckOf } from './http-check';

export interface ReleaseGateDeps extends EnvironmentDeps {
  readonly workshop: Workshop;
  readonly connectTo: ConnectTo;
}

type ReleaseGates = Pick<ReleaseActivities, 'checkEnvironment' | 'smokeRelease' | 'integrateRelease'>;

/** Task queue `build`. */
export function createTestGate({ workshop }: { readonly workshop: Workshop }): Pick<SourceActivities, 'runTests'> {
  return { runTests: (request) => runTests(workshop, request) };
}

/** Task queue `deploy-<environment>`. */
export function createReleaseGates(deps: ReleaseGateDeps): ReleaseGates {
  return {
    checkEnvironment: (request) => checkEnvironment(deps, request),
    smokeRelease: (request) => smokeRelease(deps, request),
    integrateRelease: (request) => integrateRelease(deps, request),
  };
}

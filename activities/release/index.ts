/** The activities of a release, composed from the ports of platform and traffic and from the checks. */
import type { ReleaseActivities } from '../contract';
import type { ReleaseDeps } from './deps';
import { diagnoseRelease } from './diagnose-release';
import { drainRelease, proveRelease, stopRelease } from './end-release';
import { readEnvironment } from './read-environment';
import { readMachine } from './read-machine';
import { scaleRelease } from './scale-release';
import { setWeights } from './set-weights';
import { restartRelease, startRelease } from './start-release';
import { watchRelease } from './watch-release';

export { createRecordings } from './watch-recording';

type Composed = Omit<
  ReleaseActivities,
  'checkEnvironment' | 'smokeRelease' | 'integrateRelease' | 'awaitReleaseSource'
>;

export function createReleaseActivities(deps: ReleaseDeps): Composed {
  return {
    readEnvironment: (request) => readEnvironment(deps, request),
    readMachine: ({ app }) => readMachine(deps, app),
    startRelease: (request) => startRelease(deps, request),
    restartRelease: (request) => restartRelease(deps, request),
    scaleRelease: (request) => scaleRelease(deps, request),
    setWeights: (request) => setWeights(deps, request),
    watchRelease: (request) => watchRelease(deps, request),
    proveRelease: (request) => proveRelease(deps, request),
    diagnoseRelease: (request) => diagnoseRelease(deps, request),
    drainRelease: (request) => drainRelease(deps, request),
    stopRelease: (request) => stopRelease(deps, request),
  };
}

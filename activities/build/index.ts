/** Builds applications, and lends the folder in which they were built to who runs their tests. */
import type { Artifact } from '../../domain/source';
import type { Build } from '../artifact-store';
import type { ReleaseActivities, SourceActivities, SourceRequest } from '../contract';
import { notYet } from '../not-yet';
import { withProgress, type ProgressReport } from '../progress';
import type { Workshop } from '../workshop';
import { createBench } from './bench';
import { cacheFolder, cacheVariables } from './install';
import { memoryLimit } from './limits';
import { ensureBuilt, type Making } from './make';
import type { BuildDeps } from './port';
import { holdFolder, isFree, retireFolders } from './work-folder';

export type { BuildDeps } from './port';

const QUOTA_BYTES = 2 * 1024 ** 3;

type BuildActivities = Pick<SourceActivities, 'buildArtifact' | 'awaitSource'> &
  Pick<ReleaseActivities, 'awaitReleaseSource'>;

/** Asked again by the server, and no slot is held between two looks. */
const UNTIL_FREE = { firstMs: 300, mostMs: 3_000 };

export function createBuildActivities(deps: BuildDeps): BuildActivities {
  const awaitSource = async ({ inputs }: { readonly inputs: string }): Promise<void> => {
    if (!isFree(deps.home, inputs)) throw notYet('the same source is being built', UNTIL_FREE);
  };
  return {
    awaitSource,
    awaitReleaseSource: awaitSource,
    buildArtifact: (request) =>
      withProgress((report) =>
        hold(deps, { request, report }, async (making) => {
          const known = await deps.artifacts.find(request.snapshot.inputs);
          const build = known ?? (await ensureBuilt(making));
          if (!build.taken) await deps.artifacts.note({ ...build, taken: true });
          return artifactOf(build);
        }),
      ),
  };
}

export function createWorkshop(deps: BuildDeps): Workshop {
  return {
    use: (request, work) =>
      withProgress((report) =>
        hold(deps, { request, report }, async (making) => {
          await ensureBuilt(making);
          return work(making.bench);
        }),
      ),
  };
}

interface Held {
  readonly request: SourceRequest;
  readonly report: ProgressReport;
}

function hold<T>(deps: BuildDeps, { request, report }: Held, work: (making: Making) => Promise<T>): Promise<T> {
  const use = async (folder: Making['folder']): Promise<T> => {
    const { home, shared = [] } = deps;
    const cache = cacheFolder(home, request.app);
    const bench = createBench({
      request,
      folder,
      report,
      quotaBytes: deps.quotaBytes ?? QUOTA_BYTES,
      memoryBytes: deps.memoryBytes ?? memoryLimit(),
      caches: cacheVariables(cache),
      box: { home, app: request.app, folder, cache, shared },
    });
    const answer = await work({ deps, request, folder, bench });
    await retireFolders(deps.home, folder);
    return answer;
  };
  return holdFolder(deps.home, request.snapshot.inputs, { report, work: use });
}

/** `built`: by this deployment. Its test gate may have had it built already, and then it is still the one that built it. */
const artifactOf = ({ digest, inputs, kind, files, bytes, seconds, warnings, taken }: Build): Artifact => ({
  digest,
  inputs,
  kind,
  files,
  bytes,
  built: !taken,
  seconds,
  warnings,
});

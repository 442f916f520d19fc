import path from 'node:path';
import type { SourceRequest } from '../../activities/contract';
import { createArtifactStore } from '../../activities/artifacts';
import { createBuildActivities, createWorkshop } from '../../activities/build';
import { createSourceActivities } from '../../activities/source';
import { unpackArchive } from '../../activities/unpack';
import type { Artifact } from '../../domain/source';
import type { BuildSpec } from '../../domain/spec/spec';
import { homeAt } from '../../system/home';
import { readTree } from '../../system/tree';
import { inActivity } from './in-activity';
import { plainBuild, scratch, sharedFolder } from './scratch';

/** The parts that build, in a home of their own. */
export function builderAt(root = path.join(scratch(), 'home'), quotaBytes?: number, memoryBytes?: number) {
  const home = homeAt(root);
  const shared = sharedFolder();
  const artifacts = createArtifactStore({ home });
  const deps = {
    home,
    artifacts,
    shared: [shared],
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
  const { snapshotSource } = createSourceActivities({ home });
  const { buildArtifact, awaitSource } = createBuildActivities(deps);
  const request = async (directory: string, build: Partial<BuildSpec> = {}): Promise<SourceRequest> => {
    const whole = { ...plainBuild, ...build };
    const snapshot = await inActivity(() =>
      snapshotSource({ directory, version: null, dirty: true, git: false, build: whole }),
    );
    return { app: 'shop', snapshot, build: whole, git: false };
  };
  return {
    home,
    /** Where commands may leave a trace that tests read. */
    shared,
    artifacts,
    workshop: createWorkshop(deps),
    request,
    build: async (directory: string, build: Partial<BuildSpec> = {}): Promise<Artifact> => {
      const source = await request(directory, build);
      return inActivity(() => buildArtifact(source));
    },
    buildArtifact,
    awaitSource,
    unpack: async (artifact: Artifact): Promise<string> => {
      const folder = path.join(scratch(), 'out');
      await unpackArchive(await artifacts.open(artifact), artifact.kind, folder);
      return folder;
    },
    names: async (artifact: Artifact): Promise<string[]> => {
      const folder = path.join(scratch(), 'out');
      await unpackArchive(await artifacts.open(artifact), artifact.kind, folder);
      return (await readTree(folder)).filter((entry) => entry.kind !== 'folder').map((entry) => entry.path);
    },
  };
}

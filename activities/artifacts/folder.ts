/** Artifacts in a folder of this machine: `artifacts/<hex>.<kind>`, and `builds/<hex of the inputs>.json`. */
import path from 'node:path';
import { contentFile, digestOfFile, hexOf, storeContent } from '../../system/content-store';
import { readJson, writeJson } from '../../system/durable-file';
import type { Home } from '../../system/home';
import { fail } from '../failure';
import type { ArtifactStore, Build } from '../artifact-store';

export function createFolderStore(home: Home): ArtifactStore {
  const folder = path.join(home.store, 'artifacts');
  const buildFile = (inputs: string) => path.join(home.store, 'builds', `${hexOf(inputs)}.json`);
  const open: ArtifactStore['open'] = async ({ digest, kind }) => {
    const file = contentFile(folder, digest, kind);
    const found = await digestOfFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === digest) return file;
    const what = found === null ? `there is no ${file}` : `${file} has the digest ${found}`;
    const next = 'deploy the version again, which builds it anew; what serves now is not touched by this';
    throw fail('ArtifactDamaged', `the artifact ${digest} cannot be used: ${what}. Next: ${next}`);
  };
  return {
    put: (kind, content) => storeContent(folder, kind, content),
    open,
    find: async (inputs) => {
      const build = await readJson<Build>(buildFile(inputs)).catch(() => null); // unreadable: as if it were not there
      if (build === null || build.format !== 1 || build.inputs !== inputs) return null;
      return open(build).then(
        () => build,
        (error: { type?: string }) => {
          if (error.type === 'ArtifactDamaged') return null;
          throw error;
        },
      );
    },
    note: (build) => writeJson(buildFile(build.inputs), build),
  };
}

/** Artifacts in a folder of this machine: `artifacts/<hex>.<kind>`, and `builds/<hex of the inputs>.json`. */
import path from 'node:path';
import { readAuthentic, writeAuthentic } from '../../system/authentic';
import { contentFile, digestOfFile, hexOf, storeContent } from '../../system/content-store';
import type { Home } from '../../system/home';
import { fail } from '../failure';
import type { ArtifactStore, Build } from '../artifact-store';

export function createFolderStore(home: Home): ArtifactStore {
  const folder = path.join(home.store, 'artifacts');
  const buildFile = (inputs: string) => path.join(home.store, 'builds', `${hexOf(inputs)}.json`);
  const read = (inputs: string) => readAuthentic<Build>(home, buildFile(inputs), contextOf(inputs));
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
      const note = await read(inputs);
      if (note.kind !== 'known' || note.value.format !== 1 || note.value.inputs !== inputs) return null;
      return open(note.value).then(
        () => note.value,
        (error: { type?: string }) => {
          if (error.type === 'ArtifactDamaged') return null;
          throw error;
        },
      );
    },
    doubt: async (inputs) => {
      if ((await read(inputs)).kind !== 'foreign') return null;
      return `${buildFile(inputs)} said what this source had given when it was built, and was not written by this engine (or by an older version of it): it is not believed, and the source was built anew`;
    },
    note: (build) => writeAuthentic(home, buildFile(build.inputs), contextOf(build.inputs), build),
  };
}

const contextOf = (inputs: string): string => `build/${inputs}`;

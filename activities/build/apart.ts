/** The spec's file in a built tree: the build does not see it, what runs afterwards (tests, checks of a release) sees that of its own deployment. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Snapshot } from '../../domain/source';
import { readTar } from '../unpack';
import { apartIn, writeStamp, type WorkFolder } from './work-folder';

/** Before anything of the build runs. */
export async function takeApart({ apart }: Snapshot, folder: WorkFolder): Promise<void> {
  if (apart !== undefined) await rm(placeOf(folder, apart), { force: true });
}

/** @param open answers the archive of the snapshot, when its bytes are the right ones */
export async function putBack(snapshot: Snapshot, folder: WorkFolder, open: () => Promise<string>): Promise<void> {
  const { apart, digest, inputs } = snapshot;
  if (apart === undefined || (await apartIn(folder)) === digest) return;
  const content = await contentOf(await open(), apart);
  const place = placeOf(folder, apart);
  // What ran there may have left a link.
  await rm(place, { recursive: true, force: true });
  await writeFile(place, content, { flag: 'wx', mode: 0o644 });
  await writeStamp(folder, inputs, digest);
}

const placeOf = (folder: WorkFolder, apart: string): string => path.join(folder.tree, path.basename(apart));

async function contentOf(archive: string, wanted: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await readTar(archive, {
    add: async ({ path: name }, content) => {
      if (name === wanted) for await (const chunk of content) chunks.push(chunk);
    },
  });
  return Buffer.concat(chunks);
}

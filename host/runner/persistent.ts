/** Folders that outlive a release: links from the application's folder to `host/persistent/<app>/<environment>/…`. */
import { lstat, mkdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { ReleaseDefinition } from '../../domain/host/runner';
import { readInstances } from '../../system/instances';
import { persistentFolder, type Home } from '../../system/home';
import { withLock } from '../../system/lock';
import type { Release } from './definition';
import { givePersistent } from './give-persistent';

const LOCK_WAIT_MS = 20_000;

/**
 * Links the persistent folders of a release, and gives them to the account of its instances. Links are made before an instance ever ran
 * from its folder: later they are what that account made of them, and nothing of ours follows them.
 */
export async function openPersistent({ home, directory, definition, account }: Release): Promise<void> {
  const hasRun = account !== null && (await readInstances(directory)).length > 0;
  if (!hasRun) await linkPersistent(home, definition, path.join(directory, 'app'));
  if (account !== null && definition.persistent.length > 0) await givePersistent({ home, definition, account });
}

/**
 * Links every folder of `definition.persistent`. The first release moves what its artifact has there; a later one's own content
 * is replaced by the link. Repeatable.
 * @param root the unpacked artifact.
 * @throws Error when a name leads out of it.
 */
async function linkPersistent(home: Home, definition: ReleaseDefinition, root: string): Promise<void> {
  const store = persistentFolder(home, definition.app, definition.environment);
  await withLock(store, LOCK_WAIT_MS, async () => {
    for (const name of definition.persistent) await link(await placeOf(root, definition.directory, name), store, name);
  });
}

async function link(place: string, store: string, name: string): Promise<void> {
  const kept = path.join(store, path.normalize(name));
  const found = await lstat(place).catch(() => null);
  if (found?.isSymbolicLink() && (await readlink(place)) === kept) {
    await mkdir(kept, { recursive: true, mode: 0o700 });
    return;
  }
  await mkdir(path.dirname(kept), { recursive: true, mode: 0o700 });
  const isKept = (await lstat(kept).catch(() => null)) !== null;
  if (found !== null && !isKept && !found.isSymbolicLink()) await rename(place, kept);
  else await rm(place, { recursive: true, force: true });
  if (!isKept && (found === null || found.isSymbolicLink())) await mkdir(kept, { mode: 0o700 });
  await symlink(kept, place);
}

/** Where the link goes; its folders are made, and none of them may be a link that leads out of the artifact. */
async function placeOf(root: string, directory: string, name: string): Promise<string> {
  const base = path.resolve(root, directory);
  const place = path.resolve(base, name);
  if (!isInside(root, base) || place === base || !isInside(base, place))
    throw new Error(
      `the persistent folder \`${name}\` is not inside the application; name a folder below ${directory}`,
    );
  const parent = path.dirname(place);
  let existing = parent;
  while ((await lstat(existing).catch(() => null)) === null) existing = path.dirname(existing);
  const [real, realRoot] = await Promise.all([realpath(existing), realpath(root)]);
  if (real !== realRoot && !isInside(realRoot, real))
    throw new Error(`the persistent folder \`${name}\` is reached by a link that leads out of the application`);
  await mkdir(parent, { recursive: true });
  return place;
}

const isInside = (root: string, file: string): boolean => file === root || file.startsWith(root + path.sep);

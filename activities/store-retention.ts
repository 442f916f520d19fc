/**
 * What the store keeps. Never removed: the source and the artifact of each application's latest deployment (which may be running),
 * the artifact of every release that is kept on this machine, and what was stored within the last hour. Of the rest the newest few stay.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ReleaseDefinition } from '../domain/host/runner';
import { digestOfText, hexOf } from '../system/content-store';
import { readJson, writeJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { withLock } from '../system/lock';
import { ifMissing } from '../system/missing';
import type { Build } from './artifact-store';

/** Beyond what is in use; of artifacts a few more, because they save a build when a version is deployed again. */
const NEWEST = { snapshots: 5, artifacts: 10, builds: 100, packages: 10 } as const;
/** What was just stored may be somebody's whose note is not written yet. */
const YOUNG_MS = 60 * 60_000;
const LOCK_MS = 30_000;

/** What a deployment takes from the store, for as long as it is its application's latest one. */
export interface StoreUse {
  /** Its workflow id, which one running deployment of an application holds at a time. */
  readonly deployment: string;
  readonly snapshot: string;
  /** Of the build, which tells the artifact. */
  readonly inputs: string;
  /** SHA-512 of the archives that its lock file names. */
  readonly packages: readonly string[];
}

/** In place of what the application's deployment before it used. Repeatable. */
export const noteUse = (home: Home, use: StoreUse): Promise<void> =>
  alone(home, () => writeJson(path.join(usesFolder(home), `${hexOf(digestOfText(use.deployment))}.json`), use));

/**
 * Removes what nobody needs; answers the files. Repeatable, and safe beside running deployments.
 * @throws when a note or a release's definition cannot be read: then nothing is removed.
 */
export const tidyStore = (home: Home, nowMs = Date.now()): Promise<readonly string[]> =>
  alone(home, async () => {
    const needed = await neededNames(home);
    const removed: string[] = [];
    for (const kind of ['snapshots', 'artifacts', 'builds', 'packages'] as const) {
      const files = await filesIn(path.join(home.store, kind));
      const free = files.filter(({ name, at }) => !needed.has(name) && nowMs - at > YOUNG_MS);
      const whole = free.filter(({ isWhole }) => isWhole).sort((a, b) => b.at - a.at);
      // What a killed process was writing is of no use to anybody.
      const gone = [...whole.slice(NEWEST[kind]), ...free.filter(({ isWhole }) => !isWhole)];
      for (const { file } of gone) await rm(file, { force: true });
      removed.push(...gone.map(({ file }) => file));
    }
    return removed;
  });

const usesFolder = (home: Home): string => path.join(home.store, 'uses');

const alone = <T>(home: Home, work: () => Promise<T>): Promise<T> => withLock(`${home.store}#retention`, LOCK_MS, work);

/** What is kept is all that is asked here; whoever deploys it asks whether the note is ours. */
interface BuildNote {
  readonly value?: Build;
}

/** Names without extension: digests do not meet between the folders. */
async function neededNames(home: Home): Promise<ReadonlySet<string>> {
  const needed = new Set<string>();
  for (const { file } of await filesIn(usesFolder(home))) {
    const use = await readJson<StoreUse>(file);
    if (use === null) continue;
    const note = path.join(home.store, 'builds', `${hexOf(use.inputs)}.json`);
    const build = (await readJson<BuildNote>(note).catch(() => null))?.value; // unreadable: then nobody finds the artifact by it either
    for (const digest of [use.snapshot, use.inputs, ...(build === undefined ? [] : [build.digest])])
      needed.add(hexOf(digest));
    for (const name of use.packages) needed.add(name);
  }
  for (const file of await definitionsIn(home)) {
    const definition = await readJson<ReleaseDefinition>(file);
    if (definition !== null) needed.add(hexOf(definition.artifact));
  }
  return needed;
}

async function definitionsIn(home: Home): Promise<readonly string[]> {
  let folders = [path.join(home.host, 'releases')];
  for (const _level of ['app', 'environment', 'release'])
    folders = (
      await Promise.all(folders.map(async (folder) => (await namesIn(folder)).map((name) => path.join(folder, name))))
    ).flat();
  return folders.map((folder) => path.join(folder, 'release.json'));
}

interface StoredFile {
  readonly file: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly isWhole: boolean;
}

async function filesIn(folder: string): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = [];
  for (const entry of await namesIn(folder)) {
    const file = path.join(folder, entry);
    const found = await stat(file).catch(ifMissing(null));
    if (found?.isFile() !== true) continue;
    files.push({ file, name: path.parse(entry).name, at: found.mtimeMs, isWhole: !entry.endsWith('.tmp') });
  }
  return files;
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(ifMissing<string[]>([]));

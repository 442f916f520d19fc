/** The files of one release on this machine: made in an order in which every half of them can be completed or removed. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../../domain/canonical-json';
import type { ReleaseDefinition } from '../../domain/host/runner';
import { giveTo } from '../../system/accounts';
import { readJson, syncFolder, writeJson } from '../../system/durable-file';
import { releaseFolder, type Home } from '../../system/home';
import { decideReleaseAccount } from '../../system/release-account';
import { seal } from '../../system/sealed';
import { fail } from '../failure';
import { unpackArchive } from '../unpack';
import type { ReleaseName, StartRequest } from './port';

/** Begins with a dot, as no release's name does. */
const REMOVED = '.removed-';
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

export function folderOf(home: Home, { app, environment, release }: ReleaseName): string {
  for (const segment of [app, environment, release]) {
    if (!SEGMENT.test(segment))
      throw new Error(`\`${segment}\` cannot name a folder: letters, digits, dot, dash, plus and underscore`);
  }
  return releaseFolder(home, app, environment, release);
}

export const readDefinition = (folder: string): Promise<ReleaseDefinition | null> =>
  readJson<ReleaseDefinition>(path.join(folder, 'release.json'));

const provenFile = (folder: string): string => path.join(folder, 'proven.json');

export const isProven = async (folder: string): Promise<boolean> =>
  (await readJson<{ proven: boolean }>(provenFile(folder)))?.proven === true;

export const markProven = (folder: string): Promise<void> =>
  writeJson(provenFile(folder), { proven: true, at: new Date().toISOString() });

/**
 * Definition, secrets, account, application, in this order; what is there already stays. The files of the application are not forced to the
 * disk: a release becomes one to go back to minutes later, when the kernel has long written them.
 * @throws `StartFailed` when the release is there with another definition.
 */
export async function ensureFiles(home: Home, folder: string, request: StartRequest): Promise<ReleaseDefinition> {
  const definition = await ensureDefinition(folder, request);
  const sealed = path.join(folder, 'secrets.sealed');
  const { app, environment, release } = definition;
  if (!(await exists(sealed))) await seal(home, sealed, `release/${app}/${environment}/${release}`, request.secrets);
  const place = path.join(folder, 'app');
  if (await exists(place)) return definition;
  const account = await decideReleaseAccount(home, folder, definition);
  await clear(folder, (name) => name.startsWith('app.'));
  const temporary = path.join(folder, `app.${randomUUID().slice(0, 8)}`);
  await unpackArchive(request.artifactFile, request.artifactKind, temporary);
  if (account !== null) await giveTo(account, temporary);
  await rename(temporary, place);
  await syncFolder(folder);
  return definition;
}

/** The folder is out of sight at once, and then removed; what an earlier removal left over goes too. */
export async function removeFiles(home: Home, name: ReleaseName): Promise<void> {
  const folder = folderOf(home, name);
  const parent = path.dirname(folder);
  if (await exists(folder)) {
    await rename(folder, path.join(parent, `${REMOVED}${name.release}.${randomUUID().slice(0, 8)}`));
    await syncFolder(parent);
  }
  await clear(parent, (each) => each.startsWith(REMOVED));
  // The folders of environment and app, when they are empty now.
  await rmdir(parent).then(
    () => rmdir(path.dirname(parent)).catch(() => undefined),
    () => undefined,
  );
}

/** Names of the releases that have a folder. */
export async function releasesIn(home: Home, app: string, environment: string): Promise<string[]> {
  const parent = path.dirname(folderOf(home, { app, environment, release: 'any' }));
  return (await namesIn(parent)).filter((name) => SEGMENT.test(name));
}

/** Epoch milliseconds. */
export const madeAt = async (folder: string): Promise<number> => Math.round((await stat(folder)).mtimeMs);

async function ensureDefinition(folder: string, request: StartRequest): Promise<ReleaseDefinition> {
  const { artifactFile: _file, artifactKind: _kind, secrets: _secrets, count: _count, ...parts } = request;
  const found = await readDefinition(folder);
  const definition: ReleaseDefinition = { format: 1, ...parts, createdAt: found?.createdAt ?? Date.now() };
  if (found === null) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeJson(path.join(folder, 'release.json'), definition);
  } else if (canonicalJson(found) !== canonicalJson(definition)) {
    const changed = Object.keys(definition).filter((key) => differs(found, definition, key));
    throw fail(
      'StartFailed',
      `release ${request.release} is there already with another ${changed.join(', ')}; a changed release needs another name`,
    );
  }
  return definition;
}

const differs = (a: object, b: object, key: string): boolean =>
  canonicalJson((a as Record<string, unknown>)[key]) !== canonicalJson((b as Record<string, unknown>)[key]);

async function clear(folder: string, isMeant: (name: string) => boolean): Promise<void> {
  for (const name of (await namesIn(folder)).filter(isMeant))
    await rm(path.join(folder, name), { recursive: true, force: true });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

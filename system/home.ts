/** `$MVCA_HOME`: where everything of ours lies. One folder, mode 0700; two values of it never meet. */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Longest path of a Unix socket on Linux, the closing zero left out (unix(7)). */
const SOCKET_PATH_LIMIT = 107;

export interface Home {
  readonly root: string;
  /** Engine (Temporal, PostgreSQL, worker, supervisor). */
  readonly engine: string;
  /** Units, routers, releases. */
  readonly host: string;
  /** Snapshots and artifacts, by digest. */
  readonly store: string;
  /** Work directories of builds. */
  readonly work: string;
  readonly secrets: string;
  readonly reports: string;
}

/** Resolves a home; makes nothing. Empty or missing: the XDG state folder. */
export function homeAt(root: string | undefined, environment: NodeJS.ProcessEnv = process.env): Home {
  const state = environment['XDG_STATE_HOME'] || path.join(environment['HOME'] || os.homedir(), '.local', 'state');
  const absolute = canonical(path.resolve(root || path.join(state, 'mvca')));
  const inside = (name: string) => path.join(absolute, name);
  return {
    root: absolute,
    engine: inside('engine'),
    host: inside('host'),
    store: inside('store'),
    work: inside('work'),
    secrets: inside('secrets'),
    reports: inside('reports'),
  };
}

/** One name for one folder, whatever links lead there: locks and processes are known by it. */
function canonical(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // not made yet, or not ours to look at: what is above it may still be a link
    const above = path.dirname(folder);
    return above === folder ? folder : path.join(canonical(above), path.basename(folder));
  }
}

/** Which specs `init` wrote on this machine: it may lie there before anything else does. */
export const initialisedFile = (home: Home): string => path.join(home.root, 'initialised.json');

export const routerFolder = (home: Home, app: string, environment: string): string =>
  path.join(home.host, 'routers', app, environment);

export const releaseFolder = (home: Home, app: string, environment: string, release: string): string =>
  path.join(home.host, 'releases', app, environment, release);

/** Folders of one application and environment that outlive a release. */
export const persistentFolder = (home: Home, app: string, environment: string): string =>
  path.join(home.host, 'persistent', app, environment);

/**
 * The admin socket of the process that owns `folder`: `<folder>/admin.sock`, or, where that is too long for the kernel, one in
 * the runtime folder, named after a digest of the long path.
 */
export async function adminSocket(folder: string): Promise<string> {
  const inside = path.join(folder, 'admin.sock');
  if (fitsSocket(inside)) return inside;
  return path.join(await runtimeFolder(), `${shortName(inside)}.sock`);
}

export const fitsSocket = (file: string): boolean => Buffer.byteLength(file) <= SOCKET_PATH_LIMIT;

/** 24 hexadecimal digits that stand for a path which is too long. */
export const shortName = (file: string): string => createHash('sha256').update(file).digest('hex').slice(0, 24);

/**
 * A short folder of this user alone. Not under TMPDIR: every process of ours must come to the same one.
 * @throws Error when another user made a folder of that name first.
 */
export async function runtimeFolder(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const folder = `/tmp/mvca-${uid}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(
      `${folder} was made by another user (uid ${found.uid}); have it removed, or set a shorter MVCA_HOME`,
    );
  }
  return folder;
}

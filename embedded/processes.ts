/**
 * Which processes of a home run: asked of the kernel (proc(5)), not remembered, so that nothing is missed that was started a moment
 * before its starter was killed.
 */
import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Home } from '../system/home';
import { identify } from '../system/process-identity';
import type { ProcessIdentity } from '../system/process-identity';
import type { PartName } from './engine';
import { postgresFolder, temporalFile } from './places';

/** Set for the worker that a supervisor starts, and for no other. */
export const SUPERVISED = 'MVCA_SUPERVISED';
/** The data folder, as PostgreSQL is told of it: see `postgres.ts`. */
export const POSTGRES_DATA = '/proc/self/fd/3/data';

type Match = (pid: number, argv: readonly string[]) => Promise<boolean> | boolean;

/** `gate`: what stands before Temporal and started it. `backends`: helpers and sessions of PostgreSQL, whether their postmaster lives or not. */
export type HomeProcesses = Readonly<Record<PartName | 'gate' | 'supervisor' | 'backends', ProcessIdentity[]>>;

export async function processesOf(home: Home): Promise<HomeProcesses> {
  const data = await realpath(path.join(postgresFolder(home), 'data')).catch(() => null);
  const found = { gate: [], temporal: [], postgres: [], worker: [], supervisor: [], backends: [] } as Record<
    keyof HomeProcesses,
    ProcessIdentity[]
  >;
  const owner = await ownerOf(home);
  const isOwn = (pid: number): Promise<boolean> => runsAs(pid, owner);
  const matches: Record<keyof HomeProcesses, Match> = {
    temporal: (pid, argv) => argv.includes('start-dev') && argv.includes(temporalFile(home)) && isOwn(pid),
    gate: (pid, argv) => (argv[1] ?? '').endsWith('/embedded/gate/main.js') && argv[2] === home.root && isOwn(pid),
    // Under another account, as root; nobody but that one gets into the folder.
    postgres: async (pid, argv) => argv.includes(POSTGRES_DATA) && (await worksIn(pid, data)),
    backends: async (pid, argv) => (argv[0] ?? '').startsWith('postgres: ') && (await worksIn(pid, data)),
    worker: async (pid, argv) =>
      argv[0] === 'mvca-worker' && (await isTold(pid, `${SUPERVISED}=${home.root}`)) && isOwn(pid),
    supervisor: async (pid, argv) =>
      argv[0] === 'mvca-supervisor' && (await isTold(pid, `MVCA_HOME=${home.root}`)) && isOwn(pid),
  };
  for (const pid of await pids()) {
    const argv = await argvOf(pid);
    for (const name of Object.keys(matches) as (keyof HomeProcesses)[]) {
      if (!(await matches[name](pid, argv))) continue;
      const identity = identify(pid);
      if (identity !== null) found[name].push(identity);
    }
  }
  return found;
}

async function pids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Empty for a process that is gone or not ours to see. */
export async function argvOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text === '' ? [] : text.split('\0');
}

/** Of a home that is gone, or that we may not look at: who asks. Its engine may run on, and theirs alone can be ended. */
const ownerOf = (home: Home): Promise<number | null> =>
  stat(home.root).then(
    ({ uid }) => uid,
    () => process.getuid?.() ?? null,
  );

/** Any account may give its process these words; one that we may not end would be waited for without end. */
const runsAs = async (pid: number, owner: number | null): Promise<boolean> =>
  /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1] === String(owner);

const worksIn = async (pid: number, folder: string | null): Promise<boolean> =>
  folder !== null && (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === folder;

const isTold = async (pid: number, variable: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0').includes(variable);

/**
 * Which processes of a home run: asked of the kernel (proc(5)), not remembered, so that nothing is missed that was started a moment
 * before its starter was killed.
 */
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
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
  const matches: Record<keyof HomeProcesses, Match> = {
    temporal: (_pid, argv) => argv.includes('start-dev') && argv.includes(temporalFile(home)),
    gate: (_pid, argv) => (argv[1] ?? '').endsWith('/embedded/gate/main.js') && argv[2] === home.root,
    postgres: async (pid, argv) => argv.includes(POSTGRES_DATA) && (await worksIn(pid, data)),
    backends: async (pid, argv) => (argv[0] ?? '').startsWith('postgres: ') && (await worksIn(pid, data)),
    worker: (pid, argv) => argv[0] === 'mvca-worker' && isTold(pid, `${SUPERVISED}=${home.root}`),
    supervisor: (pid, argv) => argv[0] === 'mvca-supervisor' && isTold(pid, `MVCA_HOME=${home.root}`),
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

const worksIn = async (pid: number, folder: string | null): Promise<boolean> =>
  folder !== null && (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === folder;

const isTold = async (pid: number, variable: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0').includes(variable);

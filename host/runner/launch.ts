/** Starts one process: in a session and group of its own, with exactly its environment, its output into its named pipes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { confined, type Confinement } from '../../system/sandbox/confined';
import type { Sandboxed } from '../../system/sandbox/sandbox';
import { whyNotStarted } from '../../system/why-not-started';
import type { OutputStream } from './stream';

export interface LaunchRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** null: as we are. */
  readonly confinement: Confinement | null;
  readonly out: OutputStream;
  readonly err: OutputStream;
}

/**
 * A process that could not be started has no pid, and emits `error`.
 * @throws what the system says of a program that is not there, where another one goes before it.
 */
export function launch(request: LaunchRequest): ChildProcess {
  const { argv, env, cwd } = commandOf(request);
  const [program = '', ...args] = argv;
  const out = request.out.openForInstance();
  const err = request.err.openForInstance();
  try {
    const child = spawn(program, args, {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['ignore', out, err],
    });
    child.unref();
    return child;
  } finally {
    closeSync(out);
    closeSync(err);
  }
}

function commandOf(request: LaunchRequest): Sandboxed & { readonly cwd: string } {
  if (request.confinement === null) return request;
  refuseMissing(request);
  return { ...confined(request.confinement, request), cwd: '/' };
}

function refuseMissing({ argv: [program = ''], env, cwd }: LaunchRequest): void {
  const folders = program.includes('/') ? [cwd] : (env['PATH'] ?? '').split(path.delimiter);
  const all = existsSync(cwd) ? folders.map((folder) => path.resolve(cwd, folder, program)) : [];
  const places = all.filter((place) => existsSync(place));
  if (places.some(mayRun)) return;
  throw Object.assign(new Error(`${program} cannot be run`), { code: places.length === 0 ? 'ENOENT' : 'EACCES' });
}

function mayRun(place: string): boolean {
  try {
    accessSync(place, constants.X_OK);
    return statSync(place).isFile();
  } catch {
    return false;
  }
}

export function launchError(error: NodeJS.ErrnoException, request: LaunchRequest): string {
  const program = request.argv[0] ?? '';
  if (error.code === 'ENOENT') return `there is no program \`${program}\` on the PATH, or no folder ${request.cwd}`;
  if (error.code === 'EACCES')
    return `\`${program}\` may not be executed, or it is not there and some folder of the PATH may not be searched`;
  return `\`${program}\` cannot be started: ${whyNotStarted(error, request)}`;
}

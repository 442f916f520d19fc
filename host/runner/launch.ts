/** Starts one process: in a session and group of its own, with exactly its environment, its output into its named pipes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { OutputStream } from './stream';

export interface LaunchRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly out: OutputStream;
  readonly err: OutputStream;
}

/** A process that could not be started has no pid, and emits `error`. */
export function launch(request: LaunchRequest): ChildProcess {
  const [program = '', ...args] = request.argv;
  const out = request.out.openForInstance();
  const err = request.err.openForInstance();
  try {
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...request.env },
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

/** In words of ours: those of Node quote the value of a variable that it does not take. */
export function launchError(error: NodeJS.ErrnoException, request: LaunchRequest): string {
  const program = request.argv[0] ?? '';
  if (error.code === 'ENOENT') return `there is no program \`${program}\` on the PATH, or no folder ${request.cwd}`;
  if (error.code === 'EACCES')
    return `\`${program}\` may not be executed, or it is not there and some folder of the PATH may not be searched`;
  return `\`${program}\` cannot be started: ${whyNot(error, request)}`;
}

function whyNot({ code }: NodeJS.ErrnoException, { env }: LaunchRequest): string {
  const broken = Object.keys(env).find((name) => env[name]?.includes('\0'));
  if (broken !== undefined) return `the value of ${broken} holds a NUL byte, which no variable can hold`;
  if (code === 'E2BIG')
    return 'its variables and arguments are longer than this system takes; make the longest shorter';
  return `the system refuses it (${code ?? 'no reason given'})`;
}

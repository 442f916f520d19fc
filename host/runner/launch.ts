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

export function launchError(error: NodeJS.ErrnoException, request: LaunchRequest): string {
  const program = request.argv[0] ?? '';
  if (error.code === 'ENOENT') return `there is no program \`${program}\` on the PATH, or no folder ${request.cwd}`;
  if (error.code === 'EACCES')
    return `\`${program}\` may not be executed, or it is not there and some folder of the PATH may not be searched`;
  return `\`${program}\` cannot be started: ${error.message}`;
}

/** Starts one process of the engine: in a group of its own, its output into a log file, alive when the supervisor dies. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, signal, signalGroup } from '../../system/process-identity';
import type { ProcessIdentity } from '../../system/process-identity';
import type { Account } from '../account';
import { openLog } from './log-file';

const LOOK_MS = 100;

/** A process that runs, started here or found. */
export interface Running {
  readonly identity: ProcessIdentity;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
}

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly argv0?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  readonly account?: Account | null;
  /** What it gets as descriptor 3: an open descriptor, or a text to read from a pipe. */
  readonly third?: number | { readonly text: string };
  /** Speaks with it over a channel as soon as it runs; the process closes the channel. */
  readonly tell?: (child: ChildProcess) => Promise<void>;
}

/** @throws Error when the program cannot be started. */
export async function launch(request: Launch): Promise<Running> {
  const log = await openLog(request.log);
  try {
    const { third, account, tell } = request;
    const child = spawn(request.program, [...request.args], {
      ...(request.argv0 === undefined ? {} : { argv0: request.argv0 }),
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
      cwd: '/',
      env: { ...request.env },
      detached: true,
      stdio: [
        ...['ignore' as const, log.fd, log.fd],
        typeof third === 'number' ? third : third === undefined ? 'ignore' : 'pipe',
        ...(tell === undefined ? [] : ['ipc' as const]),
      ],
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, name) => resolve(name === null ? `ended with code ${code}` : `was killed by ${name}`));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) =>
        reject(new Error(`${request.program} cannot be started: ${cause.message}`, { cause })),
      );
    });
    child.on('error', () => undefined); // a channel that broke: `ended` tells
    if (typeof third === 'object') {
      const pipe = child.stdio[3] as Writable;
      pipe.on('error', () => undefined); // it ended before it read: `ended` tells
      pipe.end(third.text);
    }
    await Promise.race([tell?.(child), ended]);
    const pid = child.pid as number;
    return { identity: identify(pid) ?? { pid, started: 'ended at once' }, ended };
  } finally {
    await log.close();
  }
}

/** Goes on with a process that an earlier supervisor started; how it ends cannot be learned, only that it did. */
export function adopt(identity: ProcessIdentity): Running {
  const watch = async (): Promise<string> => {
    while (isAlive(identity)) await sleep(LOOK_MS);
    return 'ended';
  };
  return { identity, ended: watch() };
}

/** Sends `name`, and SIGKILL to the whole group after the grace time; returns when the process is gone. */
export async function end(identity: ProcessIdentity, name: NodeJS.Signals, graceMs: number): Promise<void> {
  signal(identity, name);
  const deadline = performance.now() + graceMs;
  while (isAlive(identity) && performance.now() < deadline) await sleep(20);
  if (!isAlive(identity)) return;
  signalGroup(identity.pid, 'SIGKILL');
  while (isAlive(identity)) await sleep(20);
}

import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli';
import { declare, type Run } from '../command';
import { Halt } from '../halt';

const MAIN = path.join(__dirname, '..', '..', '..', 'worker', 'main.js');

export function addWorker(program: Command, run: Run): void {
  declare(program, {
    usage: 'worker',
    does: 'run a worker for a real cluster in the foreground, until Ctrl-C',
    examples: [
      'TEMPORAL_ADDRESS=temporal.example.com:7233 MVCA_DATABASE=postgres://mvca@db.example.com/mvca mvca worker',
    ],
    notes: [
      'Reads TEMPORAL_ADDRESS or a Temporal profile, MVCA_DATABASE (where the records are), MVCA_QUEUES (what it serves: control,',
      'build, deploy-<environment>; default: all) and MVCA_HOME. The embedded engine has its own worker already.',
    ],
  }).action(run((cli: Cli) => work(cli)));
}

/** Answers the worker's own exit code. */
async function work({ config }: Cli): Promise<number> {
  if (!config.usesCluster) {
    throw new Halt(
      'which cluster? Set TEMPORAL_ADDRESS (or TEMPORAL_PROFILE). The embedded engine has its own worker: `mvca up` starts it',
    );
  }
  const child = spawn(process.execPath, [MAIN], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child by itself; this process waits for its orderly end.
  const pass = (name: NodeJS.Signals): void => void child.kill(name);
  const stay = (): void => undefined;
  process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', stay);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`the worker cannot be started: ${cause.message}`, { cause })));
    child.once('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : os.constants.signals[name])));
  });
}

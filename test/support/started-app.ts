/** Starts an application directly, without runner or router, as a test's own child. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnvironment } from '../../system/run-command';
import { freePort } from './ports';

export interface StartedApp {
  readonly url: string;
  readonly child: ChildProcess;
  /** All that it has printed so far. */
  output(): string;
  /** Resolves when it ends; code and signal as Node tells them. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export async function startApp(options: {
  cwd: string;
  command: readonly string[];
  variables?: Readonly<Record<string, string>>;
}): Promise<StartedApp> {
  const port = await freePort();
  const [program = '', ...args] = options.command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.variables, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { url: `http://127.0.0.1:${port}`, child, output: () => printed, ended };
}

/** Asks until the answer has that status; throws with what the application printed when it does not come in time. */
export async function untilStatus(app: StartedApp, path: string, status: number, withinMs = 90_000): Promise<Response> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const response = await fetch(app.url + path, { redirect: 'manual' }).catch(() => null);
    if (response?.status === status) return response;
    await response?.body?.cancel();
    if (Date.now() > deadline || app.child.exitCode !== null) {
      throw new Error(`${path} did not answer ${status} (last: ${response?.status ?? 'nobody'}):\n${app.output()}`);
    }
    await sleep(50);
  }
}

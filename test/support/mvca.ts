/** Runs `mvca` as a process of its own, from `dist`, as a person or a script would. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

export const MAIN = path.join(__dirname, '../../dist/client/cli/main.js');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface MvcaOptions {
  readonly cwd: string;
  /** Beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Number of the account that runs it; null or missing: this one. */
  readonly account?: number | null;
}

export interface RunningMvca {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** What was printed until now. */
  said(): { readonly out: string; readonly err: string };
}

export function startMvca(args: readonly string[], { cwd, env = {}, input, account = null }: MvcaOptions): RunningMvca {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    ...(account !== null && { uid: account, gid: account }),
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined); // it ended before it read
  child.stdin.end(input ?? '');
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, said: () => ({ out, err }) };
}

export const mvca = (args: readonly string[], options: MvcaOptions): Promise<Ran> => startMvca(args, options).ended;

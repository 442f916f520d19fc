/** Starts a small program that fails, and answers what its release's log would hold. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { LogLine } from '../../domain/host/runner';

const FOLDER = path.join(__dirname, '../fixtures/diagnosis');

export interface Failed {
  /** As a terminal shows it. */
  readonly plain: string;
  /** As the runner keeps it. */
  readonly kept: string;
}

export interface FailingApp {
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Node.js itself. */
  readonly flags?: readonly string[];
  readonly cwd?: string;
}

/** Resolves when the program has ended; one that goes on is killed after 15 s. */
export async function failed({ program, env = {}, flags = [], cwd = FOLDER }: FailingApp): Promise<Failed> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [...flags, path.join(FOLDER, program)], {
    cwd,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [said('mvca', `started with pid ${child.pid ?? 0} for port ${env['PORT'] ?? '4100'}`)];
  const take = (stream: LogLine['stream'], input: NodeJS.ReadableStream): Promise<void> =>
    new Promise((resolve) => {
      let text = '';
      input.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      input.on('close', () => {
        for (const one of text.replace(/\n$/, '').split('\n')) if (text !== '') lines.push(said(stream, one));
        resolve();
      });
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exited with code ${code}` : `ended by ${signal}`));
  });
  await Promise.all([take('out', child.stdout), take('err', child.stderr)]);
  const ending = await ended;
  clearTimeout(timer);
  const own = lines.slice(1).map(({ line }) => line);
  lines.push(said('mvca', ending));
  return { plain: `${own.join('\n')}\n`, kept: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n` };
}

const said = (stream: LogLine['stream'], line: string): LogLine => ({
  at: new Date().toISOString(),
  instance: 0,
  stream,
  line,
});

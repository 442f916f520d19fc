/** Processes that a bench starts, measures and ends. None outlives the bench. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Linux counts processor time in hundredths of a second (sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;
/** So long it may take to end when it is asked to; then it is killed. */
const END_MS = 15_000;
const TAIL = 2_000;

export interface Spawned {
  readonly pid: number;
  /** What it printed on standard output, `ready` left out. */
  readonly lines: readonly string[];
  /** Processor time so far, its own and the kernel's for it, in milliseconds; of its children too. */
  cpuMs(): number;
  rssBytes(): number;
  /** Ends it and waits until it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
  readonly ended: Promise<void>;
}

const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const pid of [...living].flatMap(family)) kill(pid);
});

/**
 * Starts a program. With `ready`, resolves once it has printed that line.
 * @throws Error with the end of its standard error when it ends before.
 */
export async function start(argv: readonly [string, ...string[]], ready: string | null = 'ready'): Promise<Spawned> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  living.add(child);
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-TAIL)));
  // `close` comes when the output has been read too, so that `lines` is whole.
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => living.delete(child));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => (line === ready ? resolve() : lines.push(line)));
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${argv.join(' ')} ended with ${code} before it was ready: ${errors}`)),
    );
    if (ready === null) child.once('spawn', resolve);
  });
  return {
    pid: child.pid ?? 0,
    lines,
    cpuMs: () => family(child).reduce((sum, pid) => sum + cpuOf(pid), 0),
    rssBytes: () => family(child).reduce((sum, pid) => sum + rssOf(pid), 0),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(timer);
    },
    ended,
  };
}

/** A program of this folder, run by the same Node. */
export const startScript = (name: string, ...args: readonly (string | number)[]): Promise<Spawned> =>
  start([process.execPath, require.resolve(`./${name}`), ...args.map(String)]);

function family(child: ChildProcess): number[] {
  const pid = child.pid ?? 0;
  const children = readProc(`${pid}/task/${pid}/children`).trim();
  return [pid, ...(children === '' ? [] : children.split(' ').map(Number))];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

function cpuOf(pid: number): number {
  const stat = readProc(`${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

const rssOf = (pid: number): number => Number(readProc(`${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES;

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

/** As many requests as will go through: by wrk where it is installed, which leaves most of the processor to others, else by autocannon. */
import { spawnSync, execFile } from 'node:child_process';
import { promisify } from 'node:util';

const CONNECTIONS = 32;

export const loadTool = (): 'wrk' | 'autocannon' => (isOnPath('wrk') ? 'wrk' : 'autocannon');

export const isOnPath = (program: string): boolean =>
  spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined;

/** Requests a second, and how many were not answered with 2xx. */
export async function fullLoad(port: number, seconds: number): Promise<{ perSecond: number; failed: number }> {
  const url = `http://127.0.0.1:${port}/`;
  return loadTool() === 'wrk' ? byWrk(url, seconds) : byAutocannon(url, seconds);
}

async function byWrk(url: string, seconds: number): Promise<{ perSecond: number; failed: number }> {
  const text = await output(['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, url]);
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const failed = errors.reduce((sum, count) => sum + Number(count), 0) + number(/Non-2xx or 3xx responses: (\d+)/);
  return { perSecond: number(/Requests\/sec:\s+([\d.]+)/), failed };
}

async function byAutocannon(url: string, seconds: number): Promise<{ perSecond: number; failed: number }> {
  const program = require.resolve('autocannon/autocannon.js');
  const text = await output([process.execPath, program, '-j', '-c', String(CONNECTIONS), '-d', String(seconds), url]);
  const { requests, non2xx, errors } = JSON.parse(text) as {
    requests: { average: number };
    non2xx: number;
    errors: number;
  };
  return { perSecond: requests.average, failed: non2xx + errors };
}

async function output([program, ...args]: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program ?? '', args, { maxBuffer: 2 ** 24 })).stdout;
}

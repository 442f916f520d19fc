/** As many requests as will go through: by wrk where it is installed, which leaves most of the processor to others, else by autocannon. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { versionOf } from './installed';

export const CONNECTIONS = 32;

interface Load {
  readonly perSecond: number;
  /** Not answered, or not with 2xx. */
  readonly failed: number;
}

/** What makes the load, and what that means for the figures. */
export function loadTool(): string {
  const wrk = versionOf('wrk');
  if (wrk !== null) return `wrk ${wrk} in one thread`;
  return 'autocannon, which takes a core itself (with wrk installed the figures say more)';
}

/** Loads `port` for whole seconds. */
export async function fullLoad(port: number, seconds: number): Promise<Load> {
  const url = `http://127.0.0.1:${port}/`;
  return versionOf('wrk') === null ? byAutocannon(url, seconds) : byWrk(url, seconds);
}

async function byWrk(url: string, seconds: number): Promise<Load> {
  const text = await output(['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, url], seconds);
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const failed = errors.reduce((sum, count) => sum + Number(count), 0) + number(/Non-2xx or 3xx responses: (\d+)/);
  return { perSecond: number(/Requests\/sec:\s+([\d.]+)/), failed };
}

async function byAutocannon(url: string, seconds: number): Promise<Load> {
  const program = require.resolve('autocannon/autocannon.js');
  const argv = [process.execPath, program, '-j', '-c', String(CONNECTIONS), '-d', String(seconds), url];
  const { requests, non2xx, errors } = JSON.parse(await output(argv, seconds)) as {
    requests: { average: number };
    non2xx: number;
    errors: number;
  };
  return { perSecond: requests.average, failed: non2xx + errors };
}

async function output([program, ...args]: readonly string[], seconds: number): Promise<string> {
  const timeout = (seconds + 10) * 1_000;
  return (await promisify(execFile)(program ?? '', args, { maxBuffer: 2 ** 24, timeout })).stdout;
}

/**
 * What a release started and what has left its process group since: daemons, browsers in a session of their own. Found in /proc by the
 * environment that it was started with, which goes over to every child and cannot be left as a group can. Not found is what another
 * account runs and may hide from us, and what wrote over its own environment.
 */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortName } from './home';
import { readProcesses } from './process-group';
import { identify, signal, type ProcessIdentity } from './process-identity';

/** The variable in which every process of a release carries `mark` of its folder. */
export const MARK = 'MVCA_MARK';
const POLL_MS = 50;
const KILLED_MS = 10_000;

export interface Origin {
  /** Of the release. */
  readonly folder: string;
  /** `markOf` the folder, taken while it was there; null: there is none. */
  readonly mark: string | null;
  /** Of this instance alone; absent: of all. */
  readonly instance?: number;
}

export interface Stray extends ProcessIdentity {
  /** What `ps -o comm` shows. */
  readonly name: string;
}

/** Names this very folder: one of the same path in another home, container or time has another mark. null: it is not there. */
export function markOf(folder: string): string | null {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? null : shortName(`${found.dev} ${found.ino} ${path.basename(folder)}`);
}

/** Every living process that was started by the release, in whatever group it is. */
export function straysOf(origin: Origin): Stray[] {
  return readProcesses().flatMap(({ pid }) => {
    const before = identify(pid);
    if (before === null || pid === process.pid || !isFrom(pid, origin)) return [];
    // The same process before and after it was looked at: its pid was not given to another one meanwhile.
    return identify(pid)?.started === before.started ? [{ ...before, name: nameOf(pid) }] : [];
  });
}

/**
 * Ends them all, and what they start meanwhile: SIGTERM, and SIGKILL after `graceMs`. Answers who was there. Repeatable.
 * @throws Error that names what goes on after SIGKILL.
 */
export async function endStrays(origin: Origin, graceMs: number): Promise<readonly Stray[]> {
  const told = new Map<string, Stray>();
  const begun = performance.now();
  for (;;) {
    const left = straysOf(origin);
    const spent = performance.now() - begun;
    if (left.length === 0) return [...told.values()];
    if (spent > graceMs + KILLED_MS) throw new Error(`${strayWords(left)} goes on after SIGKILL; end it by hand`);
    for (const stray of left) {
      const key = `${stray.pid} ${stray.started}`;
      if (spent > graceMs) signal(stray, 'SIGKILL');
      else if (!told.has(key)) signal(stray, 'SIGTERM');
      told.set(key, stray);
    }
    await sleep(POLL_MS);
  }
}

/** `2 processes (node, pid 7; chrome, pid 9)`. */
export function strayWords(strays: readonly Stray[]): string {
  const names = strays.slice(0, 5).map(({ name, pid }) => `${name}, pid ${pid}`);
  const more = strays.length > names.length ? '; …' : '';
  return `${strays.length === 1 ? 'a process' : `${strays.length} processes`} (${names.join('; ')}${more})`;
}

function isFrom(pid: number, { folder, mark, instance }: Origin): boolean {
  const told = environmentOf(pid);
  if (told === null || !told.has(`MVCA_RELEASE=${path.basename(folder)}`)) return false;
  if (instance !== undefined && !told.has(`MVCA_INSTANCE=${instance}`)) return false;
  const isMarked = [...told].some((entry) => entry.startsWith(`${MARK}=`));
  return isMarked ? mark !== null && told.has(`${MARK}=${mark}`) : worksIn(pid, folder);
}

/** Started by a runner of before there were marks: where it works says whose it is. */
function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(path.join(folder, 'app'));
  } catch {
    return false; // ended between two looks
  }
}

/** null: it has ended, or is not ours to look at. */
export function environmentOf(pid: number): ReadonlySet<string> | null {
  try {
    return new Set(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'));
  } catch {
    return null;
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'unknown'; // ended between two looks
  }
}

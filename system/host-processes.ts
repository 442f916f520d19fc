/** Which routers, runners and keepers of a home run: asked of the kernel (proc(5)), not of files that say so, nor of locks. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from './home';
import { readProcesses } from './process-group';
import { identify, isAlive, signal, type ProcessIdentity } from './process-identity';
import { environmentOf } from './strays';

const POLL_MS = 25;
const KINDS = ['mvca-runner', 'mvca-router', 'mvca-keeper'] as const;

interface HostProcess extends ProcessIdentity {
  readonly kind: (typeof KINDS)[number];
  /** Of the unit; of a keeper: the home. */
  readonly directory: string;
}

export function hostProcesses(home: Home): HostProcess[] {
  return readProcesses().flatMap(({ pid }) => {
    const before = identify(pid);
    const [name, , directory = ''] = argvOf(pid);
    const kind = KINDS.find((each) => each === name);
    if (before === null || kind === undefined || pid === process.pid) return [];
    if (environmentOf(pid)?.has(`MVCA_HOME=${home.root}`) !== true) return [];
    return identify(pid)?.started === before.started ? [{ ...before, kind, directory }] : [];
  });
}

/** SIGTERM, and SIGKILL after `graceMs`. Answers those that go on all the same. */
export async function endAll<T extends ProcessIdentity>(processes: readonly T[], graceMs: number): Promise<T[]> {
  for (const each of processes) signal(each, 'SIGTERM');
  const left = await whoIsLeft(processes, graceMs);
  for (const each of left) signal(each, 'SIGKILL');
  return whoIsLeft(left, graceMs);
}

async function whoIsLeft<T extends ProcessIdentity>(processes: readonly T[], withinMs: number): Promise<T[]> {
  const deadline = performance.now() + withinMs;
  while (processes.some(isAlive) && performance.now() < deadline) await sleep(POLL_MS);
  return processes.filter(isAlive);
}

function argvOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // ended between two looks
  }
}

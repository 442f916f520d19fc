/** What the main threads of processes got of the processor, and waited for (proc(5): `schedstat`): on a busy machine who computes without a pause gets little and wants all. */
import { readFileSync } from 'node:fs';
import type { MainThread } from '../domain/host/runner';

interface Times {
  readonly ranMs: number;
  readonly waitedMs: number;
}

export interface MainThreads {
  /** Of the monotonic clock. */
  readonly at: number;
  readonly times: ReadonlyMap<number, Times>;
}

export function readMainThreads(pids: readonly number[]): MainThreads {
  const times = pids.flatMap((pid) => {
    const found = timesOf(pid);
    return found === null ? [] : [[pid, found] as const];
  });
  return { at: performance.now(), times: new Map(times) };
}

/** Of the one that wanted most; null: none was counted, or no time lies between. What has come since counts whole. */
export function wantedBetween(before: MainThreads, now: MainThreads): MainThread | null {
  const passedMs = now.at - before.at;
  if (passedMs <= 0) return null;
  const share = (ms: number): number => Math.min(1, Math.max(0, ms) / passedMs);
  const all = [...now.times].map(([pid, { ranMs, waitedMs }]) => {
    const from = before.times.get(pid);
    return { ran: share(ranMs - (from?.ranMs ?? 0)), waited: share(waitedMs - (from?.waitedMs ?? 0)) };
  });
  return all.sort((a, b) => b.ran + b.waited - (a.ran + a.waited))[0] ?? null;
}

/** null: it is gone, or this kernel does not count: then both are zero of a process that has run. */
function timesOf(pid: number): Times | null {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return ran === 0 && waited === 0 ? null : { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return null; // ended between two looks
  }
}

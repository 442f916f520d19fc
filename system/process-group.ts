/** Process groups from /proc (proc(5)): who belongs to one, what it uses, and how to end it whole. Zombies count as ended. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, signalGroup, type ProcessIdentity } from './process-identity';

const POLL_MS = 25;
/** After SIGKILL the kernel may still be busy with a process (a core dump, a slow disk). */
const KILLED_MS = 10_000;

export interface ProcessRow {
  readonly pid: number;
  readonly group: number;
  readonly parent: number;
  readonly session: number;
  /** User and system time used, in clock ticks of 10 ms (USER_HZ is 100 on every Linux that Node runs on). */
  readonly ticks: number;
}

/** Every process that this user may see, but zombies. */
export function readProcesses(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((row): row is ProcessRow => row !== null);
}

/** Resident bytes of one process; 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0; // ended between two looks
  }
}

/**
 * The living members of the group that `leader` led, also when the leader itself has ended. Empty when the leader's pid belongs
 * to somebody else by now: the kernel gives no pid anew that a group still bears (so the old group is gone).
 */
export function groupMembers(leader: ProcessIdentity, processes = readProcesses()): ProcessRow[] {
  const now = identify(leader.pid);
  if (now !== null && now.started !== leader.started) return [];
  if (bootOf(leader) !== bootOf(identify(process.pid))) return [];
  return processes.filter((row) => row.group === leader.pid);
}

/** Ends a group: SIGTERM, and SIGKILL after `graceMs` to what is left. Answers whether SIGKILL was needed. Repeatable. */
export async function endGroupOf(leader: ProcessIdentity, graceMs: number): Promise<{ readonly killed: boolean }> {
  if (groupMembers(leader).length === 0) return { killed: false };
  signalGroup(leader.pid, 'SIGTERM');
  if (await isGone(leader, graceMs)) return { killed: false };
  signalGroup(leader.pid, 'SIGKILL');
  if (await isGone(leader, KILLED_MS)) return { killed: true };
  const left = groupMembers(leader).map((row) => row.pid);
  throw new Error(`processes ${left.join(', ')} go on after SIGKILL; look at /proc/<pid>/stack for what they wait for`);
}

async function isGone(leader: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (groupMembers(leader).length === 0) return true;
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
}

function readProcess(pid: number): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const [, parent, group, session] = fields.map(Number) as [number, number, number, number];
    return { pid, parent, group, session, ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null; // ended between two looks
  }
}

const bootOf = (identity: ProcessIdentity | null): string => identity?.started.split('/')[0] ?? '';

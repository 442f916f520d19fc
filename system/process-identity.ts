/** Process ids are used again; a pid with its start time names one process for good. Linux: read from /proc (proc(5)). */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks after boot, with the boot's id in front: no process of another boot is the same. */
  readonly started: string;
}

/** null when there is no such process, or it is a zombie. */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid, started: `${bootId()}/${fields[19] ?? ''}` };
  } catch {
    return null; // gone between two looks: the same as never there
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** Sends a signal to the one process meant, never to a later one with the same pid. Answers whether it was there. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false; // it ended in between
  }
}

/** Sends a signal to a whole process group whose leader was started by us (`detached: true`). */
export function signalGroup(leaderPid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(-leaderPid, name);
    return true;
  } catch {
    return false; // the group has no member any more
  }
}

let boot: string | undefined;
const bootId = (): string => (boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());

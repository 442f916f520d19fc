/** How much memory the processes of a command may use together; beyond it they would take the machine from what serves. */
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { residentBytes } from '../../system/process-group';

const LOOK_MS = 500;
/** Of the machine's memory. */
const SHARE = 0.75;

export const memoryLimit = (): number => Math.floor(os.totalmem() * SHARE);

/** Kills all that descends from `leader` when it uses more than `limit` bytes, and calls `onOver`, once. */
export function watchMemory(leader: number, limit: number, onOver: (bytes: number) => void): () => void {
  const timer = setInterval(() => {
    const processes = descendantsOf(leader);
    const used = processes.reduce((sum, pid) => sum + residentBytes(pid), 0);
    if (used <= limit) return;
    clearInterval(timer);
    onOver(used);
    processes.forEach(kill); // asked to end, they would take more meanwhile
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

/** The process and all that descends from it, whatever groups and sessions they made: in a sandbox nothing gets away from it. */
function descendantsOf(leader: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : null;
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [leader];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // ended between two looks
  }
}

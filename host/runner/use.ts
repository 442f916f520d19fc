/** CPU and resident memory of instances, each with its whole process group. */
import type { MainThread } from '../../domain/host/runner';
import { readMainThreads, wantedBetween, type MainThreads } from '../../system/main-thread';
import type { ProcessIdentity } from '../../system/process-identity';
import { groupMembers, readProcesses, residentBytes } from '../../system/process-group';

export interface Use {
  /** Share of one core since the last reading; null at the first. */
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  /** Since the last reading; null at the first. */
  readonly main: MainThread | null;
}

export const UNKNOWN_USE: Use = { cpu: null, memoryBytes: null, main: null };
const TICKS_PER_SECOND = 100;

interface Reading {
  readonly leader: string;
  readonly at: number;
  readonly ticks: ReadonlyMap<number, number>;
  readonly main: MainThreads;
}

/** Reads the groups led by `leaders` (instance number to leader); call it once a second. */
export function createUseMeter(): (leaders: ReadonlyMap<number, ProcessIdentity>) => ReadonlyMap<number, Use> {
  let before = new Map<number, Reading>();
  return (leaders) => {
    const processes = readProcesses();
    const now = new Map<number, Reading>();
    const uses = new Map<number, Use>();
    for (const [instance, leader] of leaders) {
      const members = groupMembers(leader, processes);
      const reading: Reading = {
        leader: `${leader.pid} ${leader.started}`,
        at: performance.now(),
        ticks: new Map(members.map((row) => [row.pid, row.ticks])),
        main: readMainThreads(members.map((row) => row.pid)),
      };
      now.set(instance, reading);
      const memoryBytes = members.reduce((sum, row) => sum + residentBytes(row.pid), 0);
      const last = before.get(instance);
      const isSame = last?.leader === reading.leader;
      uses.set(instance, {
        cpu: cpuBetween(last, reading),
        memoryBytes,
        main: last !== undefined && isSame ? wantedBetween(last.main, reading.main) : null,
      });
    }
    before = now;
    return uses;
  };
}

/** What a member that has come since used counts whole; what one used that has gone is not known and not counted. */
function cpuBetween(before: Reading | undefined, now: Reading): number | null {
  if (before === undefined || before.leader !== now.leader) return null;
  let ticks = 0;
  for (const [pid, used] of now.ticks) ticks += Math.max(0, used - (before.ticks.get(pid) ?? 0));
  const seconds = (now.at - before.at) / 1_000;
  return seconds > 0 ? ticks / TICKS_PER_SECOND / seconds : null;
}

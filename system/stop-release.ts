/** Stops a release whole, whatever is left of it: with its runner where there is one, without it where it is gone. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminRefusal, askAdmin } from './admin';
import { adminSocket, type Home } from './home';
import { findLaunched, readInstances, writeInstances, type InstanceRecord } from './instances';
import { endAll, hostProcesses } from './host-processes';
import { tryLock } from './lock';
import { endGroupOf } from './process-group';
import { endStrays, markOf } from './strays';
import { endUnitProcess, forgetUnit, listUnits } from './units';

const POLL_MS = 50;
/** What a runner needs beyond the grace time of its instances. */
const MARGIN_MS = 30_000;
const RUNNER_MS = 5_000;

/**
 * The runner's unit is not wanted any more; every instance gets SIGTERM, and SIGKILL after `graceMs`; the runner has ended then.
 * Repeatable at any point; files are left as they are. Takes up to `graceMs` and a few seconds.
 * @throws Error that names what goes on after SIGKILL: at the end it is looked in /proc, whoever said that it was stopped.
 */
export async function stopRelease(home: Home, folder: string, graceMs: number): Promise<void> {
  const units = await listUnits(home, () => undefined);
  for (const unit of units.filter((each) => each.directory === folder)) await forgetUnit(home, unit.name);
  const socket = await adminSocket(folder);
  const deadline = performance.now() + graceMs + MARGIN_MS;
  for (;;) {
    // Who holds the runner's lock is the runner: nothing can be started meanwhile.
    const lock = await tryLock(folder);
    if (lock !== null) {
      try {
        await endRunners(home, folder);
        await endInstances(folder, graceMs);
        await endStrays({ folder, mark: markOf(folder) }, graceMs);
        await rm(socket, { force: true });
        return;
      } finally {
        await lock.release();
      }
    }
    await askToStop(socket, graceMs);
    if (performance.now() > deadline) await endUnitProcess(folder, 0);
    await sleep(POLL_MS);
  }
}

/** One that lives without the lock (it began under a lock of another kind, or the file was removed) would start everything again. */
async function endRunners(home: Home, folder: string): Promise<void> {
  const runners = hostProcesses(home).filter(({ kind, directory }) => kind === 'mvca-runner' && directory === folder);
  const left = await endAll(runners, RUNNER_MS);
  if (left.length === 0) return;
  const pids = left.map(({ pid }) => pid).join(', ');
  throw new Error(`the runner of ${folder} (pid ${pids}) goes on after SIGKILL; look at /proc/<pid>/stack`);
}

/** A runner that cannot be reached is starting or ending: the caller looks again. */
async function askToStop(socket: string, graceMs: number): Promise<void> {
  try {
    await askAdmin(socket, 'PUT', '/stop', { timeoutMs: graceMs + MARGIN_MS });
  } catch (error) {
    if (error instanceof AdminRefusal) throw error;
  }
}

async function endInstances(folder: string, graceMs: number): Promise<void> {
  const records = await readInstances(folder);
  await Promise.all(
    records.map(async (record) => {
      const leader = record.process ?? (record.launching ? findLaunched(folder, record.instance) : null);
      if (leader !== null) await endGroupOf(leader, graceMs);
    }),
  );
  if (records.some(isOpen)) await writeInstances(folder, records.map(ended));
}

const isOpen = (record: InstanceRecord): boolean => record.process !== null || record.launching;

const ended = (record: InstanceRecord): InstanceRecord => ({ ...record, process: null, launching: false });

/** Stops a release whole, whatever is left of it: with its runner where there is one, without it where it is gone. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminRefusal, askAdmin } from './admin';
import { adminSocket, type Home } from './home';
import { findLaunched, readInstances, writeInstances, type InstanceRecord } from './instances';
import { tryLock } from './lock';
import { endGroupOf } from './process-group';
import { endUnitProcess, forgetUnit, listUnits } from './units';

const POLL_MS = 50;
/** What a runner needs beyond the grace time of its instances. */
const MARGIN_MS = 30_000;

/**
 * The runner's unit is not wanted any more; every instance gets SIGTERM, and SIGKILL after `graceMs`; the runner has ended then.
 * Repeatable at any point; files are left as they are. Takes up to `graceMs` and a few seconds.
 * @throws Error when a process goes on after SIGKILL.
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
        await endInstances(folder, graceMs);
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

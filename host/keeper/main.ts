/**
 * The keeper: `mvca-keeper <home>`. One a home. Starts every wanted unit that does not run, and ends when none is wanted.
 * SIGTERM ends the keeper alone, never a unit.
 */
import { mkdirSync, rmSync, watch, type FSWatcher } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Unit } from '../../domain/host/unit';
import { writeJson } from '../../system/durable-file';
import { homeAt, type Home } from '../../system/home';
import { isAnyUnitWanted, keeperLock, keeperLog, keeperPidFile, startKeeper, unitsFolder } from '../../system/keeper';
import { tryLock } from '../../system/lock';
import { note, traceOf, wordsOf } from '../../system/note';
import { identify } from '../../system/process-identity';
import { closeInherited } from '../../system/inherited';
import { nameProcess } from '../../system/unit-process';
import { listUnits, unitLogFile } from '../../system/units';
import { createKeep } from './keep';
import { boundLog } from './unit-log';

const LOOK_MS = 250;
const BOUND_MS = 10_000;
/** So long without any wanted unit, and it ends: between the end of one release and the start of the next it stays. */
const IDLE_MS = 500;

async function main(root: string): Promise<void> {
  closeInherited();
  nameProcess('mvca-keeper');
  const home = homeAt(root);
  const lock = await tryLock(keeperLock(home));
  if (lock === null) return;
  const alarm = createAlarm();
  let isTold = false;
  const end = () => {
    isTold = true;
    alarm.ring();
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  await writeJson(keeperPidFile(home), identify(process.pid));
  const watcher = watchUnits(home, alarm.ring);
  const look = createLook(home, alarm.ring);
  while (!isTold && (await look()) === 'go on') await alarm.wait(LOOK_MS);
  watcher?.close();
  rmSync(keeperPidFile(home), { force: true });
  await lock.release();
  // A unit that became wanted while this process was ending must not be left without a keeper.
  if (!isTold && isAnyUnitWanted(home)) startKeeper(home);
}

/** One look at all units; `idle` when none has been wanted for a while. */
function createLook(home: Home, onDeath: () => void): () => Promise<'go on' | 'idle'> {
  const keep = createKeep(home, onDeath);
  let boundedAt = -Infinity;
  let idleSince: number | null = null;
  return async () => {
    const wanted = await readUnits(home);
    if (wanted !== null) await keep.look(wanted);
    if (performance.now() - boundedAt > BOUND_MS) {
      for (const file of [keeperLog(home), ...(wanted ?? []).map((unit) => unitLogFile(unit.directory))])
        boundLog(file);
      boundedAt = performance.now();
    }
    idleSince = isAnyUnitWanted(home) ? null : (idleSince ?? performance.now());
    return idleSince !== null && performance.now() - idleSince >= IDLE_MS ? 'idle' : 'go on';
  };
}

/** null when they cannot be read now: nothing is concluded from that. */
async function readUnits(home: Home): Promise<readonly Unit[] | null> {
  try {
    return await listUnits(home, (error) => note(`left out: ${wordsOf(error)}`));
  } catch (error) {
    note(`the units cannot be read: ${wordsOf(error)}`);
    return null;
  }
}

/** Makes a new unit start at once; without it (no inotify left) it is found by looking. */
function watchUnits(home: Home, onChange: () => void): FSWatcher | null {
  try {
    mkdirSync(unitsFolder(home), { recursive: true, mode: 0o700 });
    return watch(unitsFolder(home), onChange).on('error', () => undefined);
  } catch {
    return null;
  }
}

/** A wait that can be cut short. */
function createAlarm(): { ring: () => void; wait: (ms: number) => Promise<void> } {
  let current = new AbortController();
  return {
    ring: () => current.abort(),
    async wait(ms) {
      await sleep(ms, undefined, { signal: current.signal }).catch(() => undefined);
      current = new AbortController();
    },
  };
}

main(process.argv[2] ?? '').then(
  () => process.exit(0),
  (error: unknown) => {
    note(traceOf(error));
    process.exit(1);
  },
);

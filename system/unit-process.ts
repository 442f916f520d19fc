/** What every unit's main does first: be the only one for its folder, and say who it is. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Unit, UnitKind } from '../domain/host/unit';
import { writeJson } from './durable-file';
import { homeRootOf } from './keeper';
import { tryLock, type Lock } from './lock';
import { identify } from './process-identity';
import { unitPidFile } from './units';

/**
 * Takes the lock of the folder and writes `unit.pid`. Answers null when another process of this unit runs, or when the unit has
 * been removed meanwhile: then end, with code 0. The lock goes with the process.
 */
export async function enterUnit(directory: string, kind: UnitKind): Promise<Lock | null> {
  nameProcess(`mvca-${kind}`);
  const lock = await tryLock(directory);
  if (lock === null) return null;
  await writeJson(unitPidFile(directory), identify(process.pid));
  // After the pid is written: who removes a unit takes away the file first and looks for the pid then, so one of us sees the other.
  if (isUnitWanted(directory)) return lock;
  await lock.release();
  return null;
}

/** What `ps -o comm` and `top` show. Unlike `process.title` it leaves the arguments as they are. */
export function nameProcess(name: string): void {
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // the name is a convenience for people; a system without it works as well
  }
}

/** Whether a unit of that folder is wanted. A folder under no home (started by hand) is. */
export function isUnitWanted(directory: string): boolean {
  const root = homeRootOf(directory);
  if (root === null) return true;
  const folder = path.join(root, 'host', 'units');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .some((name) => readUnit(path.join(folder, name))?.directory === directory);
}

function readUnit(file: string): Unit | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Unit;
  } catch {
    return null; // removed between two looks
  }
}

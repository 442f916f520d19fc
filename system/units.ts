/**
 * Processes that live on a machine that serves. A unit's main calls `enterUnit` (`system/unit-process.ts`) first and
 * `watchKeeper` (`host/keeper/revive.ts`) then; from there on the keeper starts it again when it ends.
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Unit } from '../domain/host/unit';
import { readJson, syncFolder, writeJson } from './durable-file';
import { adminSocket, type Home } from './home';
import { isKeeperAlive, livingProcess, startKeeper, unitsFolder } from './keeper';
import { isLocked } from './lock';
import { isAlive, signal } from './process-identity';

const START_MS = 30_000;
const END_MS = 10_000;
/** The keeper looks four times a second what is not wanted any more. */
const SOCKET_MS = 2_000;
const POLL_MS = 20;
/** A keeper needs some time to start; meanwhile no second one is tried. */
const KEEPER_START_MS = 2_000;
const TAIL_BYTES = 2_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

export const unitFile = (home: Home, name: string): string => path.join(unitsFolder(home), `${checked(name)}.json`);
export const unitPidFile = (directory: string): string => path.join(directory, 'unit.pid');
/** Held by the keeper as long as it holds the unit's listening socket. */
export const socketLock = (directory: string): string => `${directory}#socket`;
export const unitLogFile = (directory: string): string => path.join(directory, 'unit.log');

/**
 * Makes a unit wanted and waits until its process runs and its admin socket takes connections. Repeatable.
 * @param deadlineMs how long to wait; then it throws an Error with the last lines of `unit.log`. The unit stays wanted.
 */
export async function ensureUnit(home: Home, unit: Unit, deadlineMs = START_MS): Promise<void> {
  const file = unitFile(home, unit.name);
  await mkdir(unit.directory, { recursive: true, mode: 0o700 });
  if (JSON.stringify(await readJson(file)) !== JSON.stringify(unit)) await writeJson(file, unit);
  const socket = await adminSocket(unit.directory);
  const deadline = performance.now() + deadlineMs;
  let keeperStarted = -Infinity;
  for (;;) {
    if (livingProcess(unitPidFile(unit.directory)) !== null && (await takesConnections(socket))) {
      if (isKeeperAlive(home)) return;
    }
    if (!isKeeperAlive(home) && performance.now() - keeperStarted > KEEPER_START_MS) {
      startKeeper(home);
      keeperStarted = performance.now();
    }
    if (performance.now() >= deadline) {
      throw new Error(
        `${unit.name} did not start within ${deadlineMs / 1000} s; the end of its log: ${await unitLogTail(unit.directory)}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** The unit is not wanted any more; a process that runs is left alone. Answers the unit, or null when it was not wanted. */
export async function forgetUnit(home: Home, name: string): Promise<Unit | null> {
  const file = unitFile(home, name);
  const unit = await readJson<Unit>(file);
  if (unit === null) return null;
  await rm(file, { force: true });
  await syncFolder(unitsFolder(home));
  return unit;
}

/**
 * The unit is not wanted any more, its process is ended (SIGTERM, and SIGKILL after `waitMs`), and its address is free. Repeatable.
 * The instances of a runner go on: `stopRelease` (`system/stop-release.ts`) stops a release whole.
 */
export async function removeUnit(home: Home, name: string, waitMs = END_MS): Promise<void> {
  const unit = await forgetUnit(home, name);
  if (unit === null) return;
  await endUnitProcess(unit.directory, waitMs);
  const deadline = performance.now() + SOCKET_MS;
  while (isLocked(socketLock(unit.directory)) && performance.now() < deadline) await sleep(POLL_MS);
}

/** Ends the process of the unit in that folder, when there is one: SIGTERM, and SIGKILL after `waitMs`. */
export async function endUnitProcess(directory: string, waitMs = END_MS): Promise<void> {
  const identity = livingProcess(unitPidFile(directory));
  if (identity === null) return;
  signal(identity, 'SIGTERM');
  const deadline = performance.now() + waitMs;
  while (isAlive(identity)) {
    if (performance.now() >= deadline) signal(identity, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

/** The last lines that a unit's own process wrote, or a word for none, with the file's name. */
export async function unitLogTail(directory: string): Promise<string> {
  const file = unitLogFile(directory);
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      await handle.read(buffer, 0, buffer.length, size - buffer.length);
      return `${buffer.toString('utf8').trim() || '(empty)'} (${file})`;
    } finally {
      await handle.close();
    }
  } catch {
    return `(${file} is not there)`;
  }
}

/** All units that are wanted, by name. `onBroken` is told of a file that is no unit; by default that is an error that names it. */
export async function listUnits(home: Home, onBroken: (error: unknown) => void = rethrow): Promise<Unit[]> {
  let names: string[];
  try {
    names = await readdir(unitsFolder(home));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const units: Unit[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    try {
      const unit = await readJson<Unit>(path.join(unitsFolder(home), name));
      if (unit !== null) units.push(unit);
    } catch (error) {
      onBroken(error);
    }
  }
  return units;
}

function rethrow(error: unknown): never {
  throw error;
}

const takesConnections = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = net.connect(socket);
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });

function checked(name: string): string {
  if (!NAME.test(name))
    throw new Error(`\`${name}\` cannot be the name of a unit: letters, digits, dot, dash, plus and underscore`);
  return name;
}

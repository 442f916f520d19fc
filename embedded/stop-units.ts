/** Ends what carries traffic: routers first, so that no request reaches a release that is being stopped, then the releases. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseDefinition } from '../domain/host/runner';
import { readJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { endAll, hostProcesses } from '../system/host-processes';
import { isKeeperAlive } from '../system/keeper';
import { wordsOf } from '../system/note';
import { stopRelease } from '../system/stop-release';
import { listUnits, removeUnit } from '../system/units';
import type { Progress } from './engine';

/** For a release that does not say how long its instances may take. */
const GRACE_MS = 10_000;
/** The keeper ends by itself when nothing is wanted any more. */
const KEEPER_MS = 5_000;
const END_MS = 5_000;

interface Units {
  readonly units: string[];
  readonly left: string[];
}

/**
 * Answers the names of the units that were ended, and what of the home runs on all the same, asked of the kernel at the end. Runners that
 * no unit names any more are found and stopped, too. Files of releases, and the routers' tables, stay. Repeatable.
 */
export async function stopUnits(home: Home, log: Progress): Promise<Units> {
  const units = await listUnits(home);
  const routers = units.filter(({ kind }) => kind === 'router');
  const runners = units.filter(({ kind }) => kind === 'runner');
  const gone = await each(routers, async ({ name }) => {
    log(`stopping ${name}`);
    await removeUnit(home, name);
  });
  const ended = await each(runners, async ({ name, directory }) => {
    log(`stopping ${name}`);
    await stopRunner(home, directory);
  });
  for (const deadline = performance.now() + KEEPER_MS; isKeeperAlive(home) && performance.now() < deadline;)
    await sleep(50);
  const left = [...gone, ...ended, ...(await endRest(home, log))];
  return { units: units.map(({ name }) => name), left };
}

/** What no unit names: left by who was killed between two steps, or kept from hearing of its end. */
async function endRest(home: Home, log: Progress): Promise<string[]> {
  const runners = hostProcesses(home).filter(({ kind }) => kind === 'mvca-runner');
  const folders = [...new Set(runners.map(({ directory }) => directory))];
  const ended = await each(folders, async (folder) => {
    log(`stopping ${path.basename(folder)}, which no unit names`);
    await stopRunner(home, folder);
  });
  await endAll(hostProcesses(home), END_MS);
  // Looked at anew: what came meanwhile counts as well.
  const left = hostProcesses(home).map(({ kind, pid, directory }) => `${kind} (pid ${pid}) of ${directory}`);
  return [...ended, ...left];
}

/** All of them, also where one fails. Answers why some did. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<string[]> {
  const results = await Promise.allSettled(all.map(work));
  return results.flatMap((result) => (result.status === 'rejected' ? [wordsOf(result.reason)] : []));
}

async function stopRunner(home: Home, directory: string): Promise<void> {
  const definition = await readJson<ReleaseDefinition>(path.join(directory, 'release.json')).catch(() => null);
  await stopRelease(home, directory, definition?.graceMs ?? GRACE_MS);
}

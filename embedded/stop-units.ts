/** Ends what carries traffic: routers first, so that no request reaches a release that is being stopped, then the releases. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseDefinition } from '../domain/host/runner';
import type { Unit } from '../domain/host/unit';
import { readJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { isKeeperAlive } from '../system/keeper';
import { stopRelease } from '../system/stop-release';
import { listUnits, removeUnit } from '../system/units';
import type { Progress } from './engine';

/** For a release that does not say how long its instances may take. */
const GRACE_MS = 10_000;
/** The keeper ends by itself when nothing is wanted any more. */
const KEEPER_MS = 5_000;

/** Answers the names of the units that were ended. Files of releases, and the routers' tables, stay. Repeatable. */
export async function stopUnits(home: Home, log: Progress): Promise<string[]> {
  const units = await listUnits(home);
  const routers = units.filter(({ kind }) => kind === 'router');
  const runners = units.filter(({ kind }) => kind === 'runner');
  await Promise.all(
    routers.map(async ({ name }) => {
      log(`stopping ${name}`);
      await removeUnit(home, name);
    }),
  );
  await Promise.all(
    runners.map(async (unit) => {
      log(`stopping ${unit.name}`);
      await stopRunner(home, unit);
    }),
  );
  for (const deadline = performance.now() + KEEPER_MS; isKeeperAlive(home) && performance.now() < deadline;)
    await sleep(50);
  return units.map(({ name }) => name);
}

async function stopRunner(home: Home, unit: Unit): Promise<void> {
  const definition = await readJson<ReleaseDefinition>(path.join(unit.directory, 'release.json'));
  await stopRelease(home, unit.directory, definition?.graceMs ?? GRACE_MS);
}

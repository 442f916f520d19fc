/** Ends what carries traffic: routers first, so that no request reaches a release that is being stopped, then the releases. */
import type { ReleaseDefinition } from '../domain/host/runner';
import type { Unit } from '../domain/host/unit';
import { AdminRefusal, askAdmin } from '../system/admin';
import { readJson } from '../system/durable-file';
import { adminSocket } from '../system/home';
import type { Home } from '../system/home';
import { forgetUnit, listUnits, removeUnit, endUnitProcess } from '../system/units';
import path from 'node:path';
import type { Progress } from './engine';

const SPARE_MS = 15_000;

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
  return units.map(({ name }) => name);
}

/** Not wanted any more first, so that nobody starts it again; then it is asked to stop its instances, which takes their grace time. */
async function stopRunner(home: Home, unit: Unit): Promise<void> {
  const definition = await readJson<ReleaseDefinition>(path.join(unit.directory, 'release.json'));
  await forgetUnit(home, unit.name);
  try {
    await askAdmin(await adminSocket(unit.directory), 'PUT', '/stop', {}, (definition?.graceMs ?? 0) + SPARE_MS);
  } catch (error) {
    if (error instanceof AdminRefusal) throw error;
  }
  await endUnitProcess(unit.directory);
}

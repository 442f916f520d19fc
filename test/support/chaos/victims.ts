/** Who can be killed, found as it runs at that moment, and when it counts as back. */
import { engineState } from '../../../embedded';
import { processesOf } from '../../../embedded/processes';
import type { Tier } from '../../../domain/words';
import { askAdmin } from '../../../system/admin';
import { adminSocket, releaseFolder, routerFolder, type Home } from '../../../system/home';
import { readInstances } from '../../../system/instances';
import { keeperPidFile, livingProcess } from '../../../system/keeper';
import { isAlive, signal, type ProcessIdentity } from '../../../system/process-identity';
import { listUnits, unitPidFile } from '../../../system/units';
import { APP } from './application';

export const ENGINE_VICTIMS = ['worker', 'temporal', 'postgres', 'supervisor', 'engine'] as const;
export const HOST_VICTIMS = ['keeper', 'router', 'runner', 'instance'] as const;
export type Victim = (typeof ENGINE_VICTIMS)[number] | (typeof HOST_VICTIMS)[number];

export interface Place {
  readonly home: Home;
  readonly environment: Tier;
}

/** Who brings these back is a person: `mvca up`. */
export const needsUp = (victim: Victim): boolean => victim === 'supervisor' || victim === 'engine';

/** Kills by SIGKILL; the supervisor first, so that it starts nothing again. Answers who was killed. */
export async function kill(victim: Victim, place: Place): Promise<readonly ProcessIdentity[]> {
  const found = await find(victim, place);
  if (found.length === 0) throw new Error(`there is no ${victim} to kill`);
  for (const identity of found) signal(identity, 'SIGKILL');
  return found;
}

/** The whole engine, at once. */
export const killEngine = (home: Home): Promise<readonly ProcessIdentity[]> =>
  kill('engine', { home, environment: 'production' });

async function find(victim: Victim, place: Place): Promise<readonly ProcessIdentity[]> {
  const { home, environment } = place;
  switch (victim) {
    case 'engine': {
      const { supervisor, worker, temporal, postgres, backends } = await processesOf(home);
      return [...supervisor, ...worker, ...temporal, ...postgres, ...backends];
    }
    case 'keeper':
      return living(keeperPidFile(home));
    case 'router':
      return living(unitPidFile(routerFolder(home, APP, environment)));
    case 'runner':
      return living(unitPidFile(await newestRelease(place)));
    case 'instance':
      return (await instancesOf(await newestRelease(place))).slice(0, 1);
    default:
      return (await processesOf(home))[victim];
  }
}

/** Folder of the release that was started last in the environment. */
async function newestRelease({ home, environment }: Place): Promise<string> {
  const units = (await listUnits(home)).filter(({ name }) => name.startsWith(`runner.${APP}.${environment}.`));
  const newest = units
    .map(({ name }) => name.split('.').slice(3).join('.'))
    .sort(byNumber)
    .at(-1);
  return releaseFolder(home, APP, environment, newest ?? 'none');
}

/** Versions are `1.<n>.0`. */
const numberOf = (release: string): number => Number(/^1\.(\d+)\./.exec(release)?.[1] ?? -1);
const byNumber = (a: string, b: string): number => numberOf(a) - numberOf(b);

async function instancesOf(folder: string): Promise<readonly ProcessIdentity[]> {
  const records = await readInstances(folder);
  return records
    .map(({ process }) => process)
    .filter((identity) => identity !== null && isAlive(identity)) as ProcessIdentity[];
}

const living = (file: string): readonly ProcessIdentity[] => {
  const identity = livingProcess(file);
  return identity === null ? [] : [identity];
};

/** Whether what was killed is there again and serves; a release that is not wanted any more need not come back. */
export async function isBack(victim: Victim, place: Place): Promise<boolean> {
  const { home, environment } = place;
  switch (victim) {
    case 'keeper':
      return living(keeperPidFile(home)).length === 1;
    case 'router':
      return answers(routerFolder(home, APP, environment));
    case 'runner':
      return answers(await newestRelease(place));
    case 'instance': {
      const folder = await newestRelease(place);
      const records = await readInstances(folder);
      return records.length === (await instancesOf(folder)).length;
    }
    default: {
      const parts = (await engineState(home).catch(() => null))?.parts;
      return parts !== undefined && Object.values(parts).every(({ state, pid }) => state === 'running' && pid !== null);
    }
  }
}

const answers = async (folder: string): Promise<boolean> =>
  askAdmin(await adminSocket(folder), 'GET', '/state', { timeoutMs: 500 }).then(
    () => true,
    () => false,
  );

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

/** Who was killed, and whose unit it was. */
export interface Killed {
  readonly processes: readonly ProcessIdentity[];
  /** Folder of the router, or of the release; null: no part of either. */
  readonly folder: string | null;
}

/** Kills by SIGKILL; the supervisor first, so that it starts nothing again. */
export async function kill(victim: Victim, place: Place): Promise<Killed> {
  const folder = await folderOf(victim, place);
  const processes = await find(victim, place.home, folder ?? '');
  if (processes.length === 0) throw new Error(`there is no ${victim} to kill`);
  for (const identity of processes) signal(identity, 'SIGKILL');
  return { processes, folder };
}

/** The whole engine, at once. */
export const killEngine = (home: Home): Promise<Killed> => kill('engine', { home, environment: 'production' });

async function folderOf(victim: Victim, place: Place): Promise<string | null> {
  if (victim === 'router') return routerFolder(place.home, APP, place.environment);
  return victim === 'runner' || victim === 'instance' ? newestRelease(place) : null;
}

async function find(victim: Victim, home: Home, folder: string): Promise<readonly ProcessIdentity[]> {
  switch (victim) {
    case 'engine': {
      const { supervisor, worker, gate, temporal, postgres, backends } = await processesOf(home);
      return [...supervisor, ...worker, ...gate, ...temporal, ...postgres, ...backends];
    }
    case 'keeper':
      return living(keeperPidFile(home));
    case 'router':
    case 'runner':
      return living(unitPidFile(folder));
    case 'instance':
      return (await instancesOf(folder)).slice(0, 1);
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

/** Whether others are there for what was killed, and serve; a release that is not wanted any more need not come back. */
export async function isBack(victim: Victim, home: Home, { processes, folder }: Killed): Promise<boolean> {
  const isAnother = (pid: number | null): boolean => pid !== null && processes.every((killed) => killed.pid !== pid);
  switch (victim) {
    case 'keeper':
      return living(keeperPidFile(home)).some(({ pid }) => isAnother(pid));
    case 'router':
    case 'runner':
      return isAnother(await pidBehind(folder ?? '')) || !(await isWanted(home, folder ?? ''));
    case 'instance': {
      const records = await readInstances(folder ?? '');
      const living = await instancesOf(folder ?? '');
      const isWhole = records.length === living.length && living.every(({ pid }) => isAnother(pid));
      return isWhole || !(await isWanted(home, folder ?? ''));
    }
    default: {
      // The part's process is the gate; who was killed may be the server behind it.
      if (victim === 'temporal' && !(await processesOf(home)).temporal.some(({ pid }) => isAnother(pid))) return false;
      const state = await engineState(home).catch(() => null);
      const parts = Object.values(state?.parts ?? {});
      const isNew = !['supervisor', 'engine'].includes(victim) || isAnother(state?.pid ?? null);
      return isNew && parts.length > 0 && parts.every((part) => part.state === 'running' && isAnother(part.pid));
    }
  }
}

/** Who answers on the unit's socket. */
const pidBehind = async (folder: string): Promise<number | null> =>
  askAdmin<{ readonly pid: number }>(await adminSocket(folder), 'GET', '/state', { timeoutMs: 500 }).then(
    ({ pid }) => pid,
    () => null,
  );

const isWanted = async (home: Home, folder: string): Promise<boolean> =>
  (await listUnits(home)).some(({ directory }) => directory === folder);

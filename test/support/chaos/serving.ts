/** What must hold at any moment and afterwards, asked of the machine and not of the engine. */
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { RouterState } from '../../../domain/host/router';
import type { Tier } from '../../../domain/words';
import { askAdmin } from '../../../system/admin';
import { adminSocket, releaseFolder, routerFolder, type Home } from '../../../system/home';
import { readInstances } from '../../../system/instances';
import { isAlive } from '../../../system/process-identity';
import { listUnits } from '../../../system/units';
import { APP, PRODUCTION_INSTANCES } from './application';

const LOOK_MS = 60;

/** The releases with traffic, by the router; null while it does not answer. */
export async function servingIn(home: Home, environment: Tier): Promise<readonly string[] | null> {
  const socket = await adminSocket(routerFolder(home, APP, environment));
  const state = await askAdmin<RouterState>(socket, 'GET', '/state', { timeoutMs: 2_000 }).catch(() => null);
  if (state === null) return null;
  return Object.entries(state.table.weights)
    .filter(([, weight]) => weight > 0)
    .map(([release]) => release);
}

export interface Sampler {
  /** Answers every moment at which not one complete release served. */
  stop(): Promise<readonly string[]>;
}

/** Looks at production again and again. @param complete whether all instances must live: not where one is killed. */
export function sampleServing(home: Home, complete: boolean): Sampler {
  const wrong = new Set<string>();
  let isOver = false;
  const look = async (): Promise<void> => {
    const serving = await servingIn(home, 'production');
    if (serving === null) return;
    const [release] = serving;
    if (release === undefined || serving.length !== 1)
      return void wrong.add(`serving: ${serving.join(', ') || 'nobody'}`);
    const records = await readInstances(releaseFolder(home, APP, 'production', release));
    const living = records.filter(({ process }) => process !== null && isAlive(process)).length;
    const needed = complete ? PRODUCTION_INSTANCES : PRODUCTION_INSTANCES - 1;
    if (living < needed) wrong.add(`${release} serves with ${living} of ${PRODUCTION_INSTANCES} instances`);
  };
  const rounds = (async () => {
    while (!isOver) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await rounds;
      return [...wrong];
    },
  };
}

/** What runs, and what should: the router of each environment, and one release in it with its instances. */
export async function whatRuns(
  home: Home,
): Promise<{ readonly found: readonly string[]; readonly wanted: readonly string[] }> {
  const wanted: string[] = [];
  for (const [environment, instances] of [
    ['staging', 1],
    ['production', PRODUCTION_INSTANCES],
  ] as const) {
    wanted.push(`unit router.${APP}.${environment}`);
    for (const release of (await servingIn(home, environment)) ?? ['?']) {
      wanted.push(`unit runner.${APP}.${environment}.${release}`, `${instances} of ${environment}/${release}`);
    }
  }
  const units = (await listUnits(home)).map(({ name }) => `unit ${name}`);
  return { found: [...units, ...(await instancesByRelease(home))].sort(), wanted: wanted.sort() };
}

/** Every process that works in a release's folder, whoever knows of it. */
async function instancesByRelease(home: Home): Promise<string[]> {
  const releases = path.join(home.host, 'releases', APP);
  const counts = new Map<string, number>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    const [environment, release, inside] = path.relative(releases, folder).split(path.sep);
    if (inside !== 'app') continue;
    const name = `${environment}/${release}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} of ${name}`);
}

/** How many instances serve at every moment, asked of the router and of the machine. */
import type { RouterState } from '../../domain/host/router';
import { askAdmin } from '../../system/admin';
import { adminSocket, releaseFolder, routerFolder, type Home } from '../../system/home';
import { readInstances } from '../../system/instances';
import { isAlive } from '../../system/process-identity';

const LOOK_MS = 25;

export interface ServingSpan {
  /** The fewest instances that the router could send requests to. */
  readonly least: number;
  /** The most processes that ran of all releases together. */
  readonly most: number;
  readonly looks: number;
}

/** Looks again and again, until it is stopped. */
export function watchServing(home: Home, app: string, environment = 'production'): { stop(): Promise<ServingSpan> } {
  let span: ServingSpan = { least: Infinity, most: 0, looks: 0 };
  let isOver = false;
  const look = async (): Promise<void> => {
    const socket = await adminSocket(routerFolder(home, app, environment));
    const state = await askAdmin<RouterState>(socket, 'GET', '/state').catch(() => null);
    if (state === null) return;
    const { releases, weights } = state.table;
    const serving = Object.entries(releases)
      .filter(([release]) => (weights[release] ?? 0) > 0)
      .reduce((sum, [, { instances }]) => sum + instances.length, 0);
    const records = await Promise.all(
      Object.keys(releases).map((release) => readInstances(releaseFolder(home, app, environment, release))),
    );
    const running = records.flat().filter(({ process }) => process !== null && isAlive(process)).length;
    const { least, most, looks } = span;
    span = { least: Math.min(least, serving), most: Math.max(most, running), looks: looks + 1 };
  };
  const rounds = (async () => {
    for (; !isOver; await new Promise((resolve) => setTimeout(resolve, LOOK_MS))) await look().catch(() => undefined); // a folder went meanwhile
  })();
  return {
    stop: async () => {
      isOver = true;
      await rounds;
      return span;
    },
  };
}

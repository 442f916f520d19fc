/** Traffic by our own router, a process of the machine that serves. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterSettings, RouterState, RouterTable } from '../../domain/host/router';
import { AdminRefusal, askAdmin } from '../../system/admin';
import { readJson, writeJson } from '../../system/durable-file';
import { adminSocket, routerFolder, type Home } from '../../system/home';
import { programFile } from '../../system/keeper';
import { withLock } from '../../system/lock';
import { ensureUnit, removeUnit, unitFile, unitLogFile } from '../../system/units';
import { fail, TrafficUnsaved } from '../failure';
import { keepLease } from './lease-keeper';
import type { LeaseChange, Route, Traffic } from './port';

const TURN_MS = 90_000;
/** What the table forbids stays forbidden; anything else may be otherwise at the next try. */
const FORBIDDEN = [400, 404, 409];
/** Its disk takes nothing. */
const UNSAVED = 507;
const CONFLICT = 409;
/** How long a port may still be held by what had it before. */
const LISTEN_MS = 5_000;
const POLL_MS = 100;

/** How long a killed router is waited for: who took it for none would think that nothing serves. */
const AWAY_MS = 2_500;

const nameOf = ({ app, environment }: Route): string => `router.${app}.${environment}`;
const tableFile = (folder: string): string => path.join(folder, 'table.json');

export function createRouterTraffic(home: Home): Traffic {
  const folderOf = ({ app, environment }: Route): string => routerFolder(home, app, environment);
  const ask = async (route: Route, wish: Wish): Promise<RouterState> =>
    askAdmin<RouterState>(await adminSocket(folderOf(route)), wish.method, wish.path, { body: wish.body });
  return {
    ensure: (route) => {
      const folder = folderOf(route);
      return withLock(`${folder}#traffic`, TURN_MS, async () => {
        const name = nameOf(route);
        await ensureTable(home, { route, folder, name });
        await ensureUnit(home, {
          format: 1,
          kind: 'router',
          name,
          directory: folder,
          main: programFile('host/router/main.js'),
        });
        await refusable(() => ask(route, { method: 'PUT', path: '/settings', body: settingsOf(route) }));
        await untilListening(route, () => ask(route, STATE));
      });
    },
    read: (route) =>
      answered({
        ask: () => ask(route, STATE),
        isWanted: () => existsSync(unitFile(home, nameOf(route))),
        refusal: `${nameOf(route)} does not answer; its log: ${unitLogFile(folderOf(route))}`,
      }),
    setWeights: (route, { releases, weights, lease }) =>
      refusable(async () => {
        for (const [release, instances] of Object.entries(releases)) {
          await ask(route, { method: 'PUT', path: pathOf(release), body: { instances } });
        }
        if (weights === null) return ask(route, STATE);
        return ask(route, { method: 'PUT', path: '/weights', body: { weights, lease } });
      }),
    lease: async (route, change) => {
      try {
        await ask(route, leaseWish(change));
        const { holder } = change;
        const held = { socket: await adminSocket(folderOf(route)), holder };
        if (change.kind === 'renew') keepLease({ ...held, seconds: change.seconds });
        return true;
      } catch (error) {
        if (error instanceof AdminRefusal && error.status === CONFLICT) return false;
        if (error instanceof AdminRefusal) throw error;
        // A router that is away renews nothing, and gives nothing back either: the keeper brings it back in a moment.
        if (change.kind === 'renew') return true;
        throw error;
      }
    },
    forget: async (route, release) => {
      const table = await readJson<RouterTable>(tableFile(folderOf(route)));
      if (table === null || !Object.hasOwn(table.releases, release)) return;
      await refusable(() => ask(route, { method: 'DELETE', path: pathOf(release) }));
    },
  };
}

/** One request of the table in `domain/host/router.ts`. */
interface Wish {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

const STATE: Wish = { method: 'GET', path: '/state' };
const pathOf = (release: string): string => `/releases/${encodeURIComponent(release)}`;

const leaseWish = (change: LeaseChange): Wish =>
  change.kind === 'renew'
    ? { method: 'PUT', path: '/lease', body: { holder: change.holder, seconds: change.seconds } }
    : { method: 'DELETE', path: `/lease?holder=${encodeURIComponent(change.holder)}` };

interface Place {
  readonly route: Route;
  readonly folder: string;
  readonly name: string;
}

/** The first table of a route; or the same one on another address, for which the router begins anew. */
async function ensureTable(home: Home, { route, folder, name }: Place): Promise<void> {
  const file = tableFile(folder);
  const known = await readJson<RouterTable>(file);
  const { app, environment, listen } = route;
  if (known === null) {
    const nothing = { releases: {}, weights: {}, lease: null, expired: null };
    await writeJson(file, {
      format: 1,
      app,
      environment,
      listen,
      settings: settingsOf(route),
      ...nothing,
    } satisfies RouterTable);
  } else if (known.listen.host !== listen.host || known.listen.port !== listen.port) {
    await removeUnit(home, name);
    await writeJson(file, { ...((await readJson<RouterTable>(file)) ?? known), listen } satisfies RouterTable);
  }
}

const settingsOf = ({ slowMs, drainMs, stickiness, metrics, trust = [], connections }: Route): RouterSettings => ({
  slowMs,
  drainMs,
  ...(stickiness === 'cookie' ? { stickiness } : {}),
  ...(metrics ? { metrics } : {}),
  ...(trust.length > 0 ? { trust } : {}),
  ...(connections === undefined ? {} : { connections }),
});

interface Question {
  readonly ask: () => Promise<RouterState>;
  readonly isWanted: () => boolean;
  readonly refusal: string;
}

/** null when there is no router, and none is to come. */
async function answered({ ask, isWanted, refusal }: Question): Promise<RouterState | null> {
  for (const deadline = performance.now() + AWAY_MS; ; await sleep(POLL_MS)) {
    try {
      return await ask();
    } catch (cause) {
      if (!isWanted()) return null;
      if (performance.now() > deadline) throw new Error(refusal, { cause });
    }
  }
}

async function untilListening({ listen }: Route, read: () => Promise<RouterState>): Promise<void> {
  for (const deadline = performance.now() + LISTEN_MS; !(await read()).listening; await sleep(POLL_MS)) {
    if (performance.now() > deadline)
      throw fail(
        'TrafficRefused',
        `${listen.host}:${listen.port} is taken by another process; stop it or choose another \`traffic.listen\``,
      );
  }
}

async function refusable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AdminRefusal && FORBIDDEN.includes(error.status))
      throw fail('TrafficRefused', `the router refused it: ${error.message}`);
    if (error instanceof AdminRefusal && error.status === UNSAVED) throw new TrafficUnsaved(error.message);
    throw error;
  }
}

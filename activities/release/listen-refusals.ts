/** Can the router of an environment have its addresses? Asked before anything is changed. */
import { readdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import type { RouterTable } from '../../domain/host/router';
import type { Address } from '../../domain/words';
import { readJson } from '../../system/durable-file';
import { routerFolder, type Home } from '../../system/home';
import { isLocked } from '../../system/lock';
import { ifMissing } from '../../system/missing';
import { socketLock } from '../../system/units';
import type { Route } from '../traffic/port';

/**
 * Says who holds an address that the route wants: another application of ours, or a process that is not ours.
 * @param serving whether the environment's own router runs: then it is the one that holds the address.
 */
export async function listenRefusals(home: Home, route: Route, serving: boolean): Promise<readonly string[]> {
  const { app, environment, listen, metrics } = route;
  const tables = await routerTables(home);
  const isOwn = (table: RouterTable): boolean => table.app === app && table.environment === environment;
  const own = tables.find(isOwn);
  const others = tables.filter((table) => !isOwn(table));
  // A router that is away for a moment has its address all the same: the keeper holds it.
  const holdsListen = serving || isLocked(socketLock(routerFolder(home, app, environment)));
  const holds = (address: Address): boolean =>
    serving && own !== undefined && addressesOf(own).some(({ host, port }) => `${host}:${port}` === say(address));
  const refusals = await Promise.all([
    refusal({ key: 'traffic.listen', address: listen, isOurs: holdsListen }, others),
    ...(metrics ? [refusal({ key: 'traffic.metrics', address: metrics, isOurs: holds(metrics) }, others)] : []),
  ]);
  return refusals.filter((text) => text !== null);
}

interface Wanted {
  readonly key: string;
  readonly address: Address;
  /** The environment's own router holds it. */
  readonly isOurs: boolean;
}

async function refusal({ key, address, isOurs }: Wanted, others: readonly RouterTable[]): Promise<string | null> {
  const other = others.find((table) =>
    addressesOf(table).some(({ host, port }) => port === address.port && overlap(host, address.host)),
  );
  if (other !== undefined)
    return `${say(address)} belongs to ${other.app} in ${other.environment}; choose another \`${key}\``;
  if (isOurs || (await isFree(address))) return null;
  return `${say(address)} is taken by a process that is not MVCA's; stop it or choose another \`${key}\``;
}

const addressesOf = ({ listen, settings: { metrics } }: RouterTable): readonly Address[] =>
  metrics === undefined ? [listen] : [listen, metrics];

async function routerTables(home: Home): Promise<readonly RouterTable[]> {
  const folder = path.join(home.host, 'routers');
  const files = await readdir(folder, { recursive: true }).catch(ifMissing([]));
  const tables = files
    .filter((name) => path.basename(name) === 'table.json')
    .map((name) => readJson<RouterTable>(path.join(folder, name)));
  return (await Promise.all(tables)).filter((table) => table !== null);
}

const ANY = ['0.0.0.0', '::', ''];
const overlap = (a: string, b: string): boolean => a === b || ANY.includes(a) || ANY.includes(b);

function isFree({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const say = ({ host, port }: Address): string => `${host}:${port}`;

/** Can the router of an environment have its address? Asked before anything is changed. */
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
 * Says who holds the address: another application of ours, or a process that is not ours.
 * @param serving whether the environment's own router runs: then it is the one that holds the address.
 */
export async function listenRefusals(home: Home, route: Route, serving: boolean): Promise<readonly string[]> {
  const { listen } = route;
  const other = await otherRouter(home, route);
  if (other !== null) {
    return [`${say(listen)} belongs to ${other.app} in ${other.environment}; choose another \`traffic.listen\``];
  }
  // A router that is away for a moment has its address all the same: the keeper holds it.
  const isOurs = serving || (await isLocked(socketLock(routerFolder(home, route.app, route.environment))));
  if (isOurs || (await isFree(listen))) return [];
  return [`${say(listen)} is taken by a process that is not MVCA's; stop it or choose another \`traffic.listen\``];
}

async function otherRouter(home: Home, { app, environment, listen }: Route): Promise<RouterTable | null> {
  const folder = path.join(home.host, 'routers');
  const files = await readdir(folder, { recursive: true }).catch(ifMissing([]));
  for (const file of files.filter((name) => path.basename(name) === 'table.json')) {
    const table = await readJson<RouterTable>(path.join(folder, file));
    if (table === null || (table.app === app && table.environment === environment)) continue;
    if (table.listen.port === listen.port && overlap(table.listen.host, listen.host)) return table;
  }
  return null;
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

/** Leases over a restart of the engine: asked for longer before it stops, renewed once when it starts. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Bridge, RouterState } from '../domain/host/router';
import { LEASE_SECONDS_AFTER_START, LEASE_SECONDS_AT_SHUTDOWN } from '../domain/lease';
import { askAdmin } from '../system/admin';
import { adminSocket, routerFolder, type Home } from '../system/home';

const SECONDS: Readonly<Record<Bridge, number>> = { stop: LEASE_SECONDS_AT_SHUTDOWN, start: LEASE_SECONDS_AFTER_START };

/**
 * Renews every lease that a router of this home holds now, over this `stop` or `start` of the engine; a router that is away is left
 * alone. Only once until a watch renews: a worker that crashes again and again keeps nothing up. Answers how many.
 */
export async function bridgeLeases(home: Home, bridge: Bridge): Promise<number> {
  const renewed = await Promise.all((await routerFolders(home)).map((folder) => renew(folder, bridge)));
  return renewed.filter(Boolean).length;
}

async function routerFolders(home: Home): Promise<string[]> {
  const apps = await namesIn(path.join(home.host, 'routers'));
  const folders = apps.map(async (app) =>
    (await namesIn(path.join(home.host, 'routers', app))).map((environment) => routerFolder(home, app, environment)),
  );
  return (await Promise.all(folders)).flat();
}

async function renew(folder: string, bridge: Bridge): Promise<boolean> {
  try {
    const socket = await adminSocket(folder);
    const { table } = await askAdmin<RouterState>(socket, 'GET', '/state');
    if (table.lease === null) return false;
    await askAdmin(socket, 'PUT', '/lease', { body: { holder: table.lease.holder, seconds: SECONDS[bridge], bridge } });
    return true;
  } catch {
    return false; // it is away, the lease ran out in between (then the traffic is back already), or this was its second bridge
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

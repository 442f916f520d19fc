/** Leases over a restart of the engine: asked for longer before it stops, renewed once when it starts. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RouterState } from '../domain/host/router';
import { askAdmin } from '../system/admin';
import { adminSocket, routerFolder, type Home } from '../system/home';

/** Renews every lease that a router of this home holds now; a router that is away is left alone. Answers how many. */
export async function renewLeases(home: Home, seconds: number): Promise<number> {
  const renewed = await Promise.all((await routerFolders(home)).map((folder) => renew(folder, seconds)));
  return renewed.filter(Boolean).length;
}

async function routerFolders(home: Home): Promise<string[]> {
  const apps = await namesIn(path.join(home.host, 'routers'));
  const folders = apps.map(async (app) =>
    (await namesIn(path.join(home.host, 'routers', app))).map((environment) => routerFolder(home, app, environment)),
  );
  return (await Promise.all(folders)).flat();
}

async function renew(folder: string, seconds: number): Promise<boolean> {
  try {
    const socket = await adminSocket(folder);
    const { table } = await askAdmin<RouterState>(socket, 'GET', '/state');
    if (table.lease === null) return false;
    await askAdmin(socket, 'PUT', '/lease', { body: { holder: table.lease.holder, seconds } });
    return true;
  } catch {
    return false; // it is away, or the lease ran out in between: then the traffic is back already
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

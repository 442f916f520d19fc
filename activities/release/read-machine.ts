/** Every application on this machine: what runs, and what share of the traffic it has. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RouterState } from '../../domain/host/router';
import { askAdmin } from '../../system/admin';
import { readJson } from '../../system/durable-file';
import { adminSocket, routerFolder } from '../../system/home';
import type { RouterTable } from '../../domain/host/router';
import type { MachineFacts } from '../facts-contract';
import type { ReleaseDeps } from './deps';
import { weightsOf } from './read-environment';

export async function readMachine(deps: ReleaseDeps, only: string | null): Promise<readonly MachineFacts[]> {
  const routers = path.join(deps.home.host, 'routers');
  const apps = (await foldersIn(routers)).filter((app) => only === null || app === only);
  const places = await Promise.all(
    apps.map(async (app) => (await foldersIn(path.join(routers, app))).map((environment) => ({ app, environment }))),
  );
  return Promise.all(places.flat().map((place) => factsOf(deps, place)));
}

async function factsOf(
  deps: ReleaseDeps,
  { app, environment }: { app: string; environment: string },
): Promise<MachineFacts> {
  const folder = routerFolder(deps.home, app, environment);
  // A router that does not answer is not serving; what it was told stands in its table.
  const state = await askAdmin<RouterState>(await adminSocket(folder), 'GET', '/state').catch(() => null);
  const table = state?.table ?? (await readJson<RouterTable>(path.join(folder, 'table.json')));
  const { weights, measured } = weightsOf(state);
  return {
    app,
    environment,
    listen: table === null ? '' : `${table.listen.host}:${table.listen.port}`,
    releases: await deps.platform.status(app, environment),
    weights: state === null ? (table?.weights ?? {}) : weights,
    measured,
    serving: state !== null,
  };
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

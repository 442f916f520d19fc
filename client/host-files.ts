/** What lies on this machine of the processes that serve: releases with their logs, and the ports of routers. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RouterTable } from '../domain/host/router';
import type { ReleaseDefinition } from '../domain/host/runner';
import { readJson } from '../system/durable-file';
import { releaseFolder, routerFolder, type Home } from '../system/home';

export interface LocalRelease {
  readonly environment: string;
  readonly release: string;
  readonly version: string;
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** The releases of an application that have files here, oldest first. */
export async function localReleases(home: Home, app: string): Promise<readonly LocalRelease[]> {
  const environments = await namesIn(path.join(home.host, 'releases', app));
  const found = await Promise.all(
    environments.map(async (environment) => {
      const names = await namesIn(path.join(home.host, 'releases', app, environment));
      return Promise.all(names.map((release) => readRelease(home, app, { environment, release })));
    }),
  );
  return found
    .flat()
    .filter((release) => release !== null)
    .sort((a, b) => a.createdAt - b.createdAt);
}

/** Ports on which a router of this machine listens, or will again. */
export async function routerPorts(home: Home): Promise<ReadonlySet<number>> {
  const ports = new Set<number>();
  for (const app of await namesIn(path.join(home.host, 'routers'))) {
    for (const environment of await namesIn(path.join(home.host, 'routers', app))) {
      const table = await readJson<RouterTable>(path.join(routerFolder(home, app, environment), 'table.json'));
      if (table !== null) ports.add(table.listen.port);
    }
  }
  return ports;
}

async function readRelease(
  home: Home,
  app: string,
  { environment, release }: { readonly environment: string; readonly release: string },
): Promise<LocalRelease | null> {
  const folder = releaseFolder(home, app, environment, release);
  const definition = await readJson<ReleaseDefinition>(path.join(folder, 'release.json'));
  if (definition === null) return null;
  return { environment, release, version: definition.version, folder, createdAt: definition.createdAt };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

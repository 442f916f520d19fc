/** A home in which the router proves who answers it, as it does wherever it serves users. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { homeAt, releaseFolder, routerFolder, type Home } from '../../system/home';
import { writeInstances } from '../../system/instances';
import { homeRootOf } from '../../system/keeper';
import { identify } from '../../system/process-identity';

export const APP = 'bench';
export const ENVIRONMENT = 'production';

/** The folder of the router in a new home below that one. */
export async function provenRouterFolder(scratch: string): Promise<string> {
  const home = homeAt(scratch);
  await mkdir(path.join(home.host, 'units'), { recursive: true });
  const folder = routerFolder(home, APP, ENVIRONMENT);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Writes down, as a runner would, that these ports belong to a release: to what this bench has started. @param directory the router's */
export async function knowInstances(directory: string, release: string, ports: readonly number[]): Promise<void> {
  const root = homeRootOf(directory);
  if (root === null) throw new Error(`${directory} lies in no home: nothing would be proven there`);
  await knowInstancesIn(homeAt(root), release, ports);
}

export async function knowInstancesIn(home: Home, release: string, ports: readonly number[]): Promise<void> {
  const folder = releaseFolder(home, APP, ENVIRONMENT, release);
  await mkdir(folder, { recursive: true });
  const shared = {
    process: identify(process.pid),
    launching: false,
    startedAt: Date.now(),
    restarts: 0,
    lastExit: null,
  };
  await writeInstances(
    folder,
    ports.map((port, instance) => ({ ...shared, instance, port })),
  );
}

/** Where the files of the engine lie, and where its programs are. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Home } from '../system/home';
import { adminSocket } from '../system/home';
import { programFile } from '../system/keeper';
import type { PartName } from './engine';

export const formatFile = (home: Home): string => path.join(home.root, 'format.json');
export const portsFile = (home: Home): string => path.join(home.engine, 'ports.json');
export const temporalFile = (home: Home): string => path.join(home.engine, 'temporal.db');
/** Which Temporal CLI wrote the file last. */
export const temporalVersionFile = (home: Home): string => path.join(home.engine, 'temporal.json');
export const postgresFolder = (home: Home): string => path.join(home.engine, 'postgres');
export const logsFolder = (home: Home): string => path.join(home.engine, 'logs');
export const logFile = (home: Home, name: PartName | 'supervisor'): string =>
  path.join(logsFolder(home), `${name}.log`);

/**
 * The worker writes `{ "pid": <its pid> }` here (durably) as soon as it polls. The supervisor removes the file before it starts a
 * worker, and takes a worker as running when the file holds that worker's pid.
 */
export const workerReadyFile = (home: Home): string => path.join(home.engine, 'worker.ready.json');

/** Held by the one supervisor of a home. */
export const supervisorLock = (home: Home): string => path.join(home.engine, 'supervisor');
/** Held while `up` or `down` works. */
export const changeLock = (home: Home): string => path.join(home.engine, 'up');

/** On which the gate answers who may enter the home. */
export async function gateSocket(home: Home): Promise<string> {
  return adminSocket(path.join(home.engine, 'gate'));
}

export const gateMain = (): string => programFile('embedded/gate/main.js');
export const supervisorMain = (): string => programFile('embedded/supervisor/main.js');
export const workerMain = (): string => programFile('worker/main.js');

/** Names the build: a home that runs another one is handed over by `up`. */
export function programIdentity(): string {
  const packageFile = path.join(path.dirname(programFile('.')), 'package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  return `${version} ${supervisorMain()}`;
}

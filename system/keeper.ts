/** The keeper's place on a machine: one process a home, which anybody who needs it starts. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment } from './run-command';
import { isAlive, type ProcessIdentity } from './process-identity';
import type { Home } from './home';

export const unitsFolder = (home: Home): string => path.join(home.host, 'units');
export const keeperLock = (home: Home): string => path.join(home.host, 'keeper');
export const keeperPidFile = (home: Home): string => path.join(home.host, 'keeper.pid');
export const keeperLog = (home: Home): string => path.join(home.host, 'keeper.log');

/** A compiled program of ours, such as `host/keeper/main.js`, whether this runs from `dist` or from source. */
export function programFile(relative: string): string {
  const root = path.dirname(__dirname);
  return path.basename(root) === 'dist' ? path.join(root, relative) : path.join(root, 'dist', relative);
}

/** The environment of keeper, routers and runners: `PATH`, `HOME`, `LANG`, `TZ` and `MVCA_HOME`, nothing else. */
export const unitEnvironment = (home: Home): Record<string, string> => ({
  ...cleanEnvironment(),
  MVCA_HOME: home.root,
});

/** The process that a file (`unit.pid`, `keeper.pid`) names, while it lives; null otherwise. Reads synchronously: it is tiny. */
export function livingProcess(file: string): ProcessIdentity | null {
  try {
    const identity = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return isAlive(identity) ? identity : null;
  } catch {
    return null; // not there, or not whole yet: nobody who can be named lives
  }
}

export const isKeeperAlive = (home: Home): boolean => livingProcess(keeperPidFile(home)) !== null;

/** Is any unit wanted? A folder that cannot be read counts as yes: only an absent one is surely empty. */
export function isAnyUnitWanted(home: Home): boolean {
  try {
    return readdirSync(unitsFolder(home)).some((name) => name.endsWith('.json'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Starts a keeper in a session of its own. Where one runs already the new one ends by itself: the lock lets in one. */
export function startKeeper(home: Home): void {
  mkdirSync(home.host, { recursive: true, mode: 0o700 });
  const log = openSync(keeperLog(home), 'a', 0o600);
  try {
    const child = spawn(process.execPath, [programFile('host/keeper/main.js'), home.root], {
      argv0: 'mvca-keeper',
      cwd: home.root,
      env: unitEnvironment(home),
      detached: true,
      stdio: ['ignore', log, log],
    });
    // A machine without a free process: whoever needs the keeper looks again, and says so when its own deadline passes.
    child.on('error', () => undefined);
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** The home that a unit's folder lies in: the nearest folder above that has `units` in it. null where there is none. */
export function homeRootOf(directory: string): string | null {
  for (let folder = path.resolve(directory); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (path.basename(folder) === 'host' && existsSync(path.join(folder, 'units'))) return path.dirname(folder);
  }
  return null;
}

/** Releases as processes of this machine, each under a runner of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunnerState } from '../../domain/host/runner';
import type { ReleaseStatus } from '../../domain/release';
import type { Home } from '../../system/home';
import { programFile } from '../../system/keeper';
import { withLock } from '../../system/lock';
import { stopRelease } from '../../system/stop-release';
import { ensureUnit, unitLogTail } from '../../system/units';
import type { Platform, ReleaseName, Started } from './port';
import { ensureFiles, folderOf, isProven, markProven, readDefinition, releasesIn, removeFiles } from './release-files';
import { addressesOf, askRunner, readStatus } from './release-status';

/** From the wish for a runner to the first start of each of its instances. */
const START_MS = 60_000;
/** Where a release's own grace time cannot be read any more. */
const UNKNOWN_GRACE_MS = 10_000;
/** An earlier attempt at the same release may still be unpacking, or waiting for its instances to end. */
const TURN_MS = 5 * 60_000;
const POLL_MS = 50;

export function createProcessPlatform(home: Home): Platform {
  const inTurn = async <T>(name: ReleaseName, work: (folder: string) => Promise<T>): Promise<T> => {
    const folder = folderOf(home, name);
    return withLock(`${folder}#platform`, TURN_MS, () => work(folder));
  };
  return {
    start: (request) =>
      inTurn(request, async (folder) => {
        await ensureFiles(home, folder, request);
        return run(home, request, folder);
      }),
    restart: (name) =>
      inTurn(name, async (folder) => {
        if ((await readDefinition(folder)) === null)
          throw new Error(
            `release ${name.release} of ${name.app} in ${name.environment} is not kept; deploy its version again`,
          );
        return run(home, name, folder);
      }),
    async status(app, environment) {
      const releases = await releasesIn(home, app, environment);
      const found = await Promise.all(releases.map((release) => readStatus(home, { app, environment, release })));
      return found
        .filter((status): status is ReleaseStatus => status !== null)
        .sort((a, b) => b.createdAt - a.createdAt);
    },
    async mark(name) {
      const folder = folderOf(home, name);
      if ((await readDefinition(folder)) === null)
        throw new Error(`there is no release ${name.release} of ${name.app} in ${name.environment} to mark as proven`);
      if (!(await isProven(folder))) await markProven(folder);
    },
    stop: (name, { keep }) =>
      inTurn(name, async (folder) => {
        // A damaged definition must not keep a release from being stopped.
        const graceMs = (await readDefinition(folder).catch(() => null))?.graceMs ?? UNKNOWN_GRACE_MS;
        await stopRelease(home, folder, graceMs);
        if (!keep) await removeFiles(home, name);
      }),
  };
}

async function run(home: Home, { app, environment, release }: ReleaseName, directory: string): Promise<Started> {
  const name = `runner.${app}.${environment}.${release}`;
  const main = programFile('host/runner/main.js');
  await ensureUnit(home, { format: 1, kind: 'runner', name, directory, main }, START_MS);
  const deadline = performance.now() + START_MS;
  for (;;) {
    const state = await askRunner(directory);
    if (state !== null && wasStarted(state)) return { instances: addressesOf(state.instances) };
    if (performance.now() > deadline) {
      throw new Error(
        `the runner of ${release} did not start its instances within ${START_MS / 1000} s; the end of its log: ${await unitLogTail(directory)}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** A runner that was just stopping says so, and is followed by another one. */
const wasStarted = ({ instances }: RunnerState): boolean =>
  instances.every(
    ({ state, pid, lastExit }) =>
      state !== 'stopping' && state !== 'stopped' && (pid !== null || lastExit !== null || state === 'backing-off'),
  );

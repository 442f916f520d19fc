/** Releases as processes of this machine, each under a runner of its own. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseDefinition, RunnerState } from '../../domain/host/runner';
import type { Unit } from '../../domain/host/unit';
import type { ReleaseStatus } from '../../domain/release';
import { AdminRefusal, askAdmin } from '../../system/admin';
import { adminSocket, type Home } from '../../system/home';
import { readWanted, writeWanted } from '../../system/instances';
import { programFile } from '../../system/keeper';
import { withLock } from '../../system/lock';
import { stopRelease } from '../../system/stop-release';
import { endUnitProcess, ensureUnit, unitLogTail } from '../../system/units';
import { fail } from '../failure';
import type { Platform, ReleaseName, Started } from './port';
import { ensureFiles, folderOf, isProven, markProven, readDefinition, releasesIn, removeFiles } from './release-files';
import { addressesOf, askRunner, readStatus } from './release-status';

/** From the wish for a runner to the first start of each of its instances. */
const START_MS = 60_000;
/** Where a release's own grace time cannot be read any more. */
const UNKNOWN_GRACE_MS = 10_000;
/** What a runner needs beyond the grace time of the instances that it ends. */
const MARGIN_MS = 30_000;
const UNKNOWN = 404;
/** An earlier attempt at the same release may still be unpacking, or waiting for its instances to end. */
const TURN_MS = 5 * 60_000;
const POLL_MS = 50;

export function createProcessPlatform(home: Home): Platform {
  const inTurn = async <T>(name: ReleaseName, work: (folder: string) => Promise<T>): Promise<T> => {
    const folder = folderOf(home, name);
    // Not beside the folder, which goes with all that is above it.
    const turn = path.join(home.host, `release-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`);
    return withLock(turn, TURN_MS, () => work(folder));
  };
  return {
    start: (request) =>
      inTurn(request, async (folder) => {
        const definition = await ensureFiles(home, folder, request);
        return run(home, { ...definition, count: request.count ?? definition.instances }, folder);
      }),
    scale: (name, count) =>
      inTurn(name, async (folder) => {
        const definition = await readDefinition(folder);
        if (definition === null)
          throw fail(
            'NothingToReturnTo',
            `release ${name.release} of ${name.app} in ${name.environment} is not kept; deploy its version again`,
          );
        const checks = definition.checks ?? null;
        const all = count === 'all' ? definition.instances : count;
        if (all > 0) return { ...(await run(home, { ...definition, count: all }, folder)), checks };
        await stopRelease(home, folder, definition.graceMs);
        return { instances: [], checks };
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

/** How many of the instances of a release are to run. */
interface Wanted extends ReleaseDefinition {
  readonly count: number;
}

async function run(home: Home, wanted: Wanted, directory: string): Promise<Started> {
  const { app, environment, release, instances, count } = wanted;
  const unit: Unit = {
    format: 1,
    kind: 'runner',
    name: `runner.${app}.${environment}.${release}`,
    directory,
    main: programFile('host/runner/main.js'),
  };
  if (count > instances) throw new Error(`${release} has ${instances} instances; ${count} of them cannot run`);
  // A runner that starts now finds it, and starts no more than these.
  if (((await readWanted(directory)) ?? instances) !== count) await writeWanted(directory, count);
  await ensureUnit(home, unit, START_MS);
  const deadline = performance.now() + START_MS;
  for (;;) {
    const state = await askRunner(directory);
    if (state !== null && (state.wanted ?? instances) !== count) await rescale(home, unit, wanted);
    else if (state !== null && wasStarted(state)) return { instances: addressesOf(state.instances) };
    if (performance.now() > deadline) {
      throw new Error(
        `the runner of ${release} did not start its instances within ${START_MS / 1000} s; the end of its log: ${await unitLogTail(directory)}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** A runner that is away for a moment has a successor, which finds what is wanted in the folder. */
async function rescale(home: Home, unit: Unit, { count, graceMs }: Wanted): Promise<void> {
  try {
    const socket = await adminSocket(unit.directory);
    await askAdmin(socket, 'PUT', '/instances', { body: { count }, timeoutMs: graceMs + MARGIN_MS });
  } catch (error) {
    if (!(error instanceof AdminRefusal)) return;
    if (error.status !== UNKNOWN) throw error;
    // A runner of an older version: its instances go on, and the keeper starts one of this version, which adopts them.
    await endUnitProcess(unit.directory);
    await ensureUnit(home, unit, START_MS);
  }
}

/** A runner that was just stopping says so, and is followed by another one. */
const wasStarted = ({ instances }: RunnerState): boolean =>
  instances.every(
    ({ state, pid, lastExit }) =>
      state !== 'stopping' && state !== 'stopped' && (pid !== null || lastExit !== null || state === 'backing-off'),
  );

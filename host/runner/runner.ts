/** All instances of one release, with their output, their ports and their use of the machine. */
import path from 'node:path';
import type { LogLine, RunnerState, UseHistory } from '../../domain/host/runner';
import { instancesFile, readInstances, streamFile, writeInstances, type InstanceRecord } from '../../system/instances';
import { proveListener } from '../../system/listener-proof';
import { logsFolder } from '../../system/logs';
import type { ProcessIdentity } from '../../system/process-identity';
import { isUnitWanted } from '../../system/unit-process';
import { isHomeGone } from '../keeper/home-gone';
import { confine } from './confine';
import type { Release } from './definition';
import { openFleet } from './fleet';
import type { Instance, Surroundings } from './instance';
import { planLaunch } from './launch-plan';
import { openReleaseLog, type ReleaseLog } from './log';
import { createMask } from './mask';
import { openPersistent } from './persistent';
import { reservePorts } from './ports';
import { openStream } from './stream';
import { createUseMeter, UNKNOWN_USE, type Use } from './use';
import { createUseRecorder } from './use-history';

const LISTEN_LOOK_MS = 100;
const SOON_MS = 30_000;
const SELDOM_ROUNDS = 10;
const USE_LOOK_MS = 1_000;

export interface Runner {
  state(): RunnerState;
  /**
   * From now on so many run, those with the lowest numbers; saved first. Repeatable: one wish after another is carried out.
   * @returns when the others are gone, each within the grace time, and every missing one was started once.
   */
  scale(count: number): Promise<void>;
  /** Since the runner started. */
  use(): UseHistory;
  /** Repeatable; both answers come when all instances are gone. */
  stop(): Promise<void>;
  flushLog(): void;
}

/** Adopts or starts every wanted instance, and ends the others. They outlive this process however that ends, but for `stop`. */
export async function startRunner(release: Release): Promise<Runner> {
  const { definition, directory } = release;
  const log = openReleaseLog(logsFolder(directory), definition.logBytes);
  await openPersistent(release);
  const confinement = await confine(release);
  const records = await recordsOf(release);
  const save = createSaver(directory, () => fleet.all().map((instance) => instance.record));
  const arounds = await Promise.all(
    records.map((record) => createSurroundings(release, record, { log, save, confinement })),
  );
  const fleet = await openFleet(release, records, arounds);
  let uses: ReadonlyMap<number, Use> = new Map();
  const meter = createUseMeter();
  let round = 0;
  const listening = setInterval(() => lookForListening(fleet.all(), round++), LISTEN_LOOK_MS);
  const history = createUseRecorder();
  const measuring = setInterval(() => {
    uses = meter(leadersOf(fleet.all()));
    history.add(uses, Date.now());
  }, USE_LOOK_MS);
  await fleet.begin();
  lookForListening(fleet.all(), 0); // adopted ones listen already
  let stopped: Promise<void> | null = null;

  async function stopAll(): Promise<void> {
    await fleet.stop();
    clearInterval(listening);
    clearInterval(measuring);
    log.flush();
  }

  return {
    state: () => ({
      pid: process.pid,
      release: definition.release,
      version: definition.version,
      artifact: definition.artifact,
      wanted: fleet.wanted(),
      instances: fleet.present().map((each) => each.status(uses.get(each.record.instance) ?? UNKNOWN_USE)),
    }),
    scale: (count) => fleet.scale(count),
    use: () => history.read(),
    stop: () =>
      (stopped ??= stopAll().catch((error: unknown) => {
        stopped = null; // asked again, it tries again
        throw error;
      })),
    flushLog: () => log.flush(),
  };
}

/** The instances that are known already, or new ones with ports of their own. */
async function recordsOf({ home, directory, definition }: Release): Promise<readonly InstanceRecord[]> {
  const known = await readInstances(directory);
  if (known.length === definition.instances) return known;
  if (known.length > 0)
    throw new Error(`${instancesFile(directory)} has ${known.length} instances, release.json ${definition.instances}`);
  const ports =
    'fixed' in definition.port
      ? Array.from({ length: definition.instances }, () => (definition.port as { fixed: number }).fixed)
      : await reservePorts(home, directory, definition.instances);
  const fresh = { process: null, launching: false, startedAt: null, restarts: 0, lastExit: null };
  const records = ports.map((port, instance) => ({ instance, port, ...fresh }));
  await writeInstances(directory, records);
  return records;
}

interface Shared extends Pick<Surroundings, 'save' | 'confinement'> {
  readonly log: ReleaseLog;
}

async function createSurroundings(
  release: Release,
  { instance }: InstanceRecord,
  { log, save, confinement }: Shared,
): Promise<Surroundings> {
  const { definition, directory } = release;
  const { mask, readLength } = createMask(Object.values(release.secrets));
  const write = (stream: LogLine['stream']) => (line: string) =>
    log.write({ at: new Date().toISOString(), instance, stream, line: mask(line) });
  const stream = { longest: readLength, account: release.account };
  return {
    cwd: path.join(directory, 'app', definition.directory),
    directory,
    mark: release.mark,
    confinement,
    out: await openStream(streamFile(directory, instance, 'out'), stream, write('out')),
    err: await openStream(streamFile(directory, instance, 'err'), stream, write('err')),
    plan: (number, port) => planLaunch(release, number, port),
    say: write('mvca'),
    isWanted: () => isUnitWanted(directory),
    save,
  };
}

/** Saves one after the other; several that wait become one. */
function createSaver(directory: string, records: () => readonly InstanceRecord[]): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    if (isHomeGone()) return Promise.resolve(); // nothing of it is made again
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        running = writeInstances(directory, records());
        return running;
      });
    return next;
  };
}

/** What does not listen soon is looked at less often: on a busy machine the kernel's table of connections is long. */
function lookForListening(instances: readonly Instance[], round: number): void {
  const awaiting = instances.filter((instance) => instance.awaitsPort);
  const newest = Math.max(-Infinity, ...awaiting.map((instance) => instance.startingSince() ?? 0));
  if (awaiting.length === 0 || (Date.now() - newest > SOON_MS && round % SELDOM_ROUNDS !== 0)) return;
  for (const instance of awaiting) instance.portIs(proveListener(instance.leader(), instance.record.port));
}

function leadersOf(instances: readonly Instance[]): ReadonlyMap<number, ProcessIdentity> {
  const leaders = new Map<number, ProcessIdentity>();
  for (const instance of instances) {
    const leader = instance.leader();
    if (leader !== null) leaders.set(instance.record.instance, leader);
  }
  return leaders;
}

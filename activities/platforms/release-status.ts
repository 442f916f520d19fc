/** How a release is: asked of its runner; where that is away, read from what it left and from the processes that live. */
import type { ReleaseDefinition, InstanceState, InstanceStatus, RunnerState } from '../../domain/host/runner';
import type { ReleaseStatus } from '../../domain/release';
import type { Address } from '../../domain/words';
import { askAdmin } from '../../system/admin';
import { adminSocket, type Home } from '../../system/home';
import { readInstances, readWanted, type InstanceRecord } from '../../system/instances';
import { isAlive } from '../../system/process-identity';
import { listUnits } from '../../system/units';
import type { ReleaseName } from './port';
import { folderOf, isProven, madeAt, readDefinition } from './release-files';

const ASK_MS = 2_000;

/** null when the release has gone meanwhile. */
export async function readStatus(home: Home, name: ReleaseName): Promise<ReleaseStatus | null> {
  const folder = folderOf(home, name);
  try {
    const definition = await readDefinition(folder);
    const whole = definition?.instances ?? null;
    const { instances, wanted } = await readInstanceStatuses(folder, whole);
    return {
      release: name.release,
      environment: name.environment,
      ...(definition === null ? await unknownParts(folder) : knownParts(definition)),
      ...(whole === null ? {} : { whole, wanted: wanted ?? whole }),
      state: stateOf(instances, await isWanted(home, folder)),
      proven: await isProven(folder),
      instances,
      addresses: addressesOf(instances),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export const addressesOf = (instances: readonly { readonly port: number }[]): Address[] =>
  instances.map(({ port }) => ({ host: '127.0.0.1', port }));

/** null when there is none, or it does not answer. */
export async function askRunner(folder: string): Promise<RunnerState | null> {
  try {
    return await askAdmin<RunnerState>(await adminSocket(folder), 'GET', '/state', { timeoutMs: ASK_MS });
  } catch {
    return null; // away, starting or ending: what it left is read instead
  }
}

interface Instances {
  readonly instances: readonly InstanceStatus[];
  /** null: all of them. */
  readonly wanted: number | null;
}

/** The wanted ones, and others that have not ended yet. */
async function readInstanceStatuses(folder: string, whole: number | null): Promise<Instances> {
  const state = await askRunner(folder);
  if (state !== null) return { instances: state.instances, wanted: state.wanted ?? null };
  const wanted = await readWanted(folder);
  const all = (await readInstances(folder)).map(statusOfRecord);
  const count = wanted ?? whole ?? all.length;
  return { instances: all.filter(({ instance, pid }) => instance < count || pid !== null), wanted };
}

function statusOfRecord(record: InstanceRecord): InstanceStatus {
  const { instance, port, restarts, startedAt, lastExit } = record;
  const living = record.process !== null && isAlive(record.process) ? record.process : null;
  const state: InstanceState = living === null ? 'stopped' : 'running';
  return {
    instance,
    state,
    pid: living?.pid ?? null,
    port,
    restarts,
    startedAt,
    lastExit,
    cpu: null,
    memoryBytes: null,
  };
}

function stateOf(instances: readonly InstanceStatus[], isWanted: boolean): ReleaseStatus['state'] {
  if (instances.length === 0) return isWanted ? 'starting' : 'stopped';
  const every = (...states: readonly InstanceState[]) => instances.every(({ state }) => states.includes(state));
  if (every('running')) return 'running';
  if (every('running', 'starting')) return 'starting';
  return every('stopped') && !isWanted ? 'stopped' : 'degraded';
}

const isWanted = async (home: Home, folder: string): Promise<boolean> =>
  (await listUnits(home, () => undefined)).some((unit) => unit.directory === folder);

const knownParts = ({ version, artifact, createdAt }: ReleaseDefinition) => ({ version, artifact, createdAt });

/** A folder whose start was cut off before anything was written. */
const unknownParts = async (folder: string) => ({ version: '', artifact: '', createdAt: await madeAt(folder) });

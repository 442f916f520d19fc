/** `instances.json` of a release: what its runner must find again when it is replaced. Read by others while the runner is away. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { InstanceStatus } from '../domain/host/runner';
import { readJson, writeJson } from './durable-file';
import { readProcesses } from './process-group';
import { identify, type ProcessIdentity } from './process-identity';

export interface InstanceRecord {
  readonly instance: number;
  /** Kept over restarts: the router knows it. */
  readonly port: number;
  /** The leader of its process group; kept after its end until the whole group is gone. */
  readonly process: ProcessIdentity | null;
  /** true from before the start of a process until `process` is recorded. */
  readonly launching: boolean;
  readonly startedAt: number | null;
  readonly restarts: number;
  readonly lastExit: InstanceStatus['lastExit'];
}

interface InstancesFile {
  readonly format: 1;
  readonly instances: readonly InstanceRecord[];
}

export const instancesFile = (folder: string): string => path.join(folder, 'instances.json');

/** Empty before the first start. */
export const readInstances = async (folder: string): Promise<readonly InstanceRecord[]> =>
  (await readJson<InstancesFile>(instancesFile(folder)))?.instances ?? [];

export async function writeInstances(folder: string, instances: readonly InstanceRecord[]): Promise<void> {
  const file: InstancesFile = { format: 1, instances };
  await writeJson(instancesFile(folder), file);
}

interface WantedFile {
  readonly format: 1;
  /** Those with the lowest numbers. */
  readonly count: number;
}

/** How many instances of the release are to run; null: all that it has. */
export const readWanted = async (folder: string): Promise<number | null> =>
  (await readJson<WantedFile>(wantedFile(folder)))?.count ?? null;

/** Durable before it is answered: who runs the release next runs so many. */
export async function writeWanted(folder: string, count: number): Promise<void> {
  const file: WantedFile = { format: 1, count };
  await writeJson(wantedFile(folder), file);
}

const wantedFile = (folder: string): string => path.join(folder, 'wanted.json');

/** The named pipe that an output of an instance goes through. */
export const streamFile = (folder: string, instance: number, stream: 'out' | 'err'): string =>
  path.join(folder, 'streams', `${instance}.${stream}`);

/**
 * Finds an instance whose runner was killed after it had started it and before it could write that down: the oldest leader of a
 * process group whose output goes to the instance's own named pipe. null: there is none.
 */
export function findLaunched(folder: string, instance: number): ProcessIdentity | null {
  const file = streamFile(folder, instance, 'out');
  const leaders = readProcesses()
    .filter((row) => row.pid === row.group && isSameFile(`/proc/${row.pid}/fd/1`, file))
    .map((row) => identify(row.pid))
    .filter((identity): identity is ProcessIdentity => identity !== null);
  return leaders.sort((a, b) => startOf(a) - startOf(b))[0] ?? null;
}

const startOf = (identity: ProcessIdentity): number => Number(identity.started.split('/')[1]);

/** By what is opened, not by its name: another account can give a file the same path in a world of its own. */
function isSameFile(link: string, file: string): boolean {
  try {
    const [opened, meant] = [statSync(link), statSync(file)];
    return opened.dev === meant.dev && opened.ino === meant.ino;
  } catch {
    return false; // ended, or another user's
  }
}

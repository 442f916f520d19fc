/** The folder in which one source is built and tested: `<home>/work/<inputs>/`, used by one activity of the machine at a time. */
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hexOf } from '../../system/content-store';
import { readJson, writeJson } from '../../system/durable-file';
import type { Home } from '../../system/home';
import { isLocked, tryLock, type Lock } from '../../system/lock';
import { endGroupOf, groupMembers } from '../../system/process-group';
import { isAlive, type ProcessIdentity } from '../../system/process-identity';
import { fail } from '../failure';
import type { ProgressReport } from '../progress';

/** Work folders beyond these, the longest unused first, are removed: each holds an installed application. */
const KEPT = 5;
/** Time between SIGTERM and SIGKILL. */
const TERMINATION_MS = 5_000;
/** So long a slot is held for a folder that another uses. */
const SOON_MS = 1_000;

export interface WorkFolder {
  readonly root: string;
  /** The unpacked, installed and built source. */
  readonly tree: string;
  readonly logs: string;
  /** The home of the commands, and their folder for temporary files. */
  readonly home: string;
  readonly temporary: string;
  /** Empty: where the root of a sandbox is set up. */
  readonly sandbox: string;
  /** Says what `tree` is; written last, so that a half-done one has none. */
  readonly stamp: string;
  /** The command that runs now. */
  readonly running: string;
}

export function workFolder(home: Home, inputs: string): WorkFolder {
  const root = path.join(home.work, hexOf(inputs));
  const inside = (name: string) => path.join(root, name);
  return {
    root,
    tree: inside('tree'),
    logs: inside('logs'),
    home: inside('home'),
    temporary: inside('tmp'),
    sandbox: inside('sandbox'),
    stamp: inside('stamp.json'),
    running: inside('running.json'),
  };
}

/** Holds the folder for `work`, when what an ended worker left running there is gone. */
export async function holdFolder<T>(
  home: Home,
  inputs: string,
  hold: { report: ProgressReport; work: (folder: WorkFolder) => Promise<T> },
): Promise<T> {
  const folder = workFolder(home, inputs);
  const lock = await soonLocked(folder.root, hold.report);
  try {
    await mkdir(folder.logs, { recursive: true, mode: 0o700 });
    await endOrphan(folder);
    return await hold.work(folder);
  } finally {
    await lock.release();
  }
}

/** A look into what was built takes moments; what builds for longer is waited for elsewhere. @throws `SourceBusy` */
async function soonLocked(name: string, report: ProgressReport): Promise<Lock> {
  for (const until = performance.now() + SOON_MS; ;) {
    const lock = await tryLock(name);
    if (lock !== null) return lock;
    if (performance.now() > until) throw fail('SourceBusy', BUSY);
    report.doing(BUSY);
    await sleep(50);
    report.throwIfCancelled();
  }
}

const BUSY = 'waiting for another build of the same source on this machine';

/** Whether nobody holds it now. */
export const isFree = (home: Home, inputs: string): boolean => !isLocked(workFolder(home, inputs).root);

interface Stamp {
  readonly format: 1;
  readonly inputs: string;
  readonly apart?: string;
}

const readStamp = (folder: WorkFolder): Promise<Stamp | null> => readJson<Stamp>(folder.stamp).catch(() => null); // unreadable: begin anew

export const isStamped = async (folder: WorkFolder, inputs: string): Promise<boolean> => {
  const stamp = await readStamp(folder);
  return (
    stamp?.inputs === inputs &&
    (await stat(folder.tree).then(
      (stats) => stats.isDirectory(),
      () => false,
    ))
  );
};

/** @param apart digest of the snapshot whose spec lies in the tree; missing: there is none that the build did not see */
export const writeStamp = (folder: WorkFolder, inputs: string, apart?: string): Promise<void> =>
  writeJson(folder.stamp, { format: 1, inputs, ...(apart === undefined ? {} : { apart }) } satisfies Stamp);

/** Digest of the snapshot whose spec lies in the tree; null: there is none. */
export const apartIn = async (folder: WorkFolder): Promise<string | null> => (await readStamp(folder))?.apart ?? null;

/** Takes away all but the logs. */
export async function clearFolder(folder: WorkFolder): Promise<void> {
  await rm(folder.stamp, { force: true });
  for (const made of [folder.tree, folder.home, folder.temporary, folder.sandbox])
    await rm(made, { recursive: true, force: true });
}

/** Notes the command that runs, at once: a worker killed in the next moment must still leave a trace of it. */
export function noteRunning(folder: WorkFolder, leader: ProcessIdentity): void {
  writeFileSync(folder.running, JSON.stringify(leader), { mode: 0o600 });
}

export const noteEnded = (folder: WorkFolder): void => rmSync(folder.running, { force: true });

/** A killed worker leaves its command running, which would write into what the next attempt builds. */
async function endOrphan(folder: WorkFolder): Promise<void> {
  const leader = readLeader(folder.running);
  if (leader === null) return;
  if (isAlive(leader) || (await worksIn(leader, folder.root))) await endGroupOf(leader, TERMINATION_MS);
  noteEnded(folder);
}

function readLeader(file: string): ProcessIdentity | null {
  try {
    const leader = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessIdentity>;
    return Number.isInteger(leader.pid) && typeof leader.started === 'string' ? (leader as ProcessIdentity) : null;
  } catch {
    return null; // not there, or cut off while it was written
  }
}

/** The leader is gone, and its number may be another group's: only a group that works in the folder is what is meant. */
async function worksIn(leader: ProcessIdentity, root: string): Promise<boolean> {
  const members = groupMembers(leader).map(({ pid }) => readlink(`/proc/${pid}/cwd`).catch(() => '')); // ended meanwhile
  return (await Promise.all(members)).some((place) => place === root || place.startsWith(`${root}/`));
}

/** Marks the folder as used now, and removes the longest unused ones that nobody holds. */
export async function retireFolders(home: Home, used: WorkFolder): Promise<void> {
  utimesSync(used.root, new Date(), new Date());
  const names = (await readdir(home.work)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({
      root: path.join(home.work, name),
      at: await stat(path.join(home.work, name)).then(
        (s) => s.mtimeMs,
        () => 0,
      ),
    })),
  );
  for (const { root } of aged.sort((a, b) => b.at - a.at).slice(KEPT)) {
    const lock = root === used.root ? null : await tryLock(root);
    if (lock === null) continue;
    await endOrphan(workFolder(home, path.basename(root)));
    await rm(root, { recursive: true, force: true });
    await lock.release();
  }
}

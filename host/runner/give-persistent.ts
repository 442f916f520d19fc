/**
 * Persistent folders belong to the account of the application's instances. Releases of older versions of this tool run as its own
 * account until they are retired: what they leave there, while they run beside a newer one and after a rollback, is given as well.
 */
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { giveTo } from '../../system/accounts';
import { persistentFolder, releaseFolder } from '../../system/home';
import { readInstances } from '../../system/instances';
import { isLockFile, withLock } from '../../system/lock';
import { note, wordsOf } from '../../system/note';
import { isAlive } from '../../system/process-identity';
import { readReleaseAccount } from '../../system/release-account';
import type { Account } from '../../system/sandbox/sandbox';
import type { Release } from './definition';

const LOOK_MS = 2_000;
const LOCK_WAIT_MS = 60_000;

export interface Given extends Pick<Release, 'home' | 'definition'> {
  readonly account: Account;
}

/** Answers when they are given; what others add is given as soon as these have ended. */
export async function givePersistent(given: Given): Promise<void> {
  const { running, kept } = await olderReleases(given);
  await give(given, kept);
  if (running) giveWhenEnded(given);
}

function giveWhenEnded(given: Given): void {
  const look = async (): Promise<void> => {
    const { running } = await olderReleases(given);
    if (running) return giveWhenEnded(given);
    await give(given, true);
  };
  const timer = setTimeout(
    () => void look().catch((error: unknown) => note(`persistent folders are not given: ${wordsOf(error)}`)),
    LOOK_MS,
  );
  timer.unref();
}

/** @param whole also where the folder itself is the account's already. */
async function give({ home, definition, account }: Given, whole: boolean): Promise<void> {
  const store = persistentFolder(home, definition.app, definition.environment);
  await withLock(store, LOCK_WAIT_MS, async () => {
    for (const name of definition.persistent) {
      const kept = path.join(store, path.normalize(name));
      await mkdir(kept, { recursive: true, mode: 0o700 });
      for (let above = path.dirname(kept); above.startsWith(store); above = path.dirname(above))
        await chmod(above, 0o755); // none of them is the account's, and nobody else enters the home
      if (whole && (await lstat(kept)).uid === account.uid) await giveOurs(account, kept);
      else await giveTo(account, kept);
    }
  });
}

/** What lies in the folder and is still ours, by a program that is not led elsewhere while the account works in it. */
async function giveOurs({ uid, gid }: Account, folder: string): Promise<void> {
  const ours = `--from=${process.getuid?.() ?? 0}`;
  await promisify(execFile)('chown', ['-R', '-h', '-P', ours, `${uid}:${gid}`, '--', folder]);
}

interface Older {
  /** Some are there, whether they run or not. */
  readonly kept: boolean;
  readonly running: boolean;
}

async function olderReleases({ home, definition: { app, environment } }: Given): Promise<Older> {
  const parent = path.dirname(releaseFolder(home, app, environment, 'any'));
  const folders = (await readdir(parent)).filter((name) => !isLockFile(name)).map((name) => path.join(parent, name));
  let [kept, running] = [false, false];
  for (const folder of folders) {
    const records = await readInstances(folder);
    if (records.length === 0 || (await readReleaseAccount(folder)) !== null) continue;
    kept = true;
    running ||= records.some(({ process }) => process !== null && isAlive(process));
  }
  return { kept, running };
}

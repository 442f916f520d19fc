/**
 * Locks between processes of one machine, held by the kernel: a write lock of an open file (`F_OFD_SETLK`), which goes with its
 * process however that ends. So there is no stale lock and no take-over to get wrong. The file lies beside what is locked, where
 * nobody but its owner can open it: other accounts can neither take a lock nor keep one from being taken.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock as lockDescriptor, unlock } from 'fs-native-extensions';

export interface Lock {
  release(): Promise<void>;
}

const POLL_MS = 50;
/** Between two tries while somebody only looks whether the lock is held. */
const LOOK_MS = 2;

/**
 * Takes the lock of that path, or answers null when another holds it. What is locked need not be there: its folder is made when it is
 * missing.
 */
export async function tryLock(name: string): Promise<Lock | null> {
  const file = lockFile(name);
  for (;;) {
    const descriptor = openLock(file);
    if (lockDescriptor(descriptor)) {
      if (isStillAt(file, descriptor)) return held(file, descriptor);
      closeSync(descriptor); // its last holder removed it in between
      continue;
    }
    const isOnlyLookedAt = lockDescriptor(descriptor, { shared: true });
    closeSync(descriptor);
    if (!isOnlyLookedAt) return null;
    await sleep(LOOK_MS * (1 + Math.random()));
  }
}

function held(file: string, descriptor: number): Lock {
  let isHeld = true;
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    // Gone before the lock is: whoever waits for this file sees that it is not the one at that path any more.
    if (isStillAt(file, descriptor)) rmSync(file, { force: true });
    unlock(descriptor);
    closeSync(descriptor);
  };
  return { release: () => Promise.resolve(release()) };
}

/**
 * Runs `work` while holding the lock.
 * @param waitMs how long to wait for another holder; then it throws an error with code `ELOCKED`.
 */
export async function withLock<T>(name: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const lock = await tryLock(name);
    if (lock !== null) {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    if (performance.now() >= deadline) {
      throw Object.assign(new Error(`${name} is held by another process for more than ${waitMs} ms`), {
        code: 'ELOCKED',
      });
    }
    await sleep(POLL_MS);
  }
}

/** Is the lock held by anybody? Keeps nobody from taking it who wants it. */
export function isLocked(name: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(lockFile(name), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  try {
    return !lockDescriptor(descriptor, { shared: true });
  } finally {
    closeSync(descriptor);
  }
}

/** Does a folder's entry of that name lock another one? It is there while the lock is held, and after a crash until the next time. */
export const isLockFile = (entry: string): boolean => /^\..+\.lock$/.test(entry);

const lockFile = (name: string): string => path.join(path.dirname(name), `.${path.basename(name)}.lock`);

function openLock(file: string): number {
  const open = (): number =>
    openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  try {
    return open();
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return open();
  }
}

/** Is the open file the one that lies at that path now? */
function isStillAt(file: string, descriptor: number): boolean {
  const there = lstatSync(file, { throwIfNoEntry: false });
  const ours = fstatSync(descriptor);
  return there?.ino === ours.ino && there.dev === ours.dev;
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

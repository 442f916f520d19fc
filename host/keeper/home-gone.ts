/** A unit whose home was removed: nobody can find or stop it any more, so it ends by itself. */
import { readlinkSync } from 'node:fs';

const LOOK_MS = 1_000;

/**
 * Whether the folder that this process was started in has been removed. A home that was moved is still there, under another name; the
 * name of a unit's folder has no space in it.
 */
export function isHomeGone(): boolean {
  try {
    return readlinkSync('/proc/self/cwd').endsWith(' (deleted)');
  } catch {
    return false; // it cannot be told
  }
}

/** Calls `leave` once, when that is so. Does not keep the process alive by itself. */
export function watchHome(leave: () => void): void {
  const timer = setInterval(() => {
    if (!isHomeGone()) return;
    clearInterval(timer);
    leave();
  }, LOOK_MS);
  timer.unref();
}

/** Log files that do not grow for ever: what is over the bound is cut away, the newest stays. */
import { closeSync, ftruncateSync, openSync, readSync, fstatSync, writeSync } from 'node:fs';

const BOUND = 1024 * 1024;
const KEPT = 256 * 1024;

/** Opens a log for appending, for a child's output. */
export const openLog = (file: string): number => openSync(file, 'a', 0o600);

/** Cuts a log to its last 256 KB when it is larger than 1 MB. Writers that append (O_APPEND) go on behind what is left. */
export function boundLog(file: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r+');
  } catch {
    return; // not there yet
  }
  try {
    const { size } = fstatSync(descriptor);
    if (size <= BOUND) return;
    const kept = Buffer.alloc(KEPT);
    const length = readSync(descriptor, kept, 0, KEPT, size - KEPT);
    ftruncateSync(descriptor, 0);
    writeSync(descriptor, kept, 0, length, 0);
  } finally {
    closeSync(descriptor);
  }
}

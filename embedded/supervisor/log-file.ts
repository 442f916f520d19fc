/**
 * Log files that stay bounded while somebody else writes them. The parts write straight into their file (and so outlive the supervisor),
 * in append mode: the content is copied away and the file cut to nothing, and the next line goes to the beginning.
 */
import { copyFile, mkdir, open, rename, rm, stat, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** A file and the one before it: 10 MB a part at most, but for what is written between two looks. */
export const LOG_BYTES = 5 * 1024 * 1024;

export async function openLog(file: string): Promise<FileHandle> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  return open(file, 'a', 0o600);
}

/** Moves the content to `<file>.1` when there is more than `limit` bytes. */
export async function boundLog(file: string, limit = LOG_BYTES): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null || found.size <= limit) return;
  const copy = `${file}.1.tmp`;
  try {
    await copyFile(file, copy);
    await truncate(file);
    await rename(copy, `${file}.1`);
  } finally {
    await rm(copy, { force: true });
  }
}

/** The last lines of a log, at most 64 KiB of it; none when there is no file. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 64 * 1024);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count);
  } finally {
    await handle.close();
  }
}

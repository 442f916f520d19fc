/** Files that are whole or as they were, whatever is killed while they are written. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { plainText } from './plain-file';

/** Far beyond all that we write: a larger one is not ours. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Writes by temporary file, fsync, rename and fsync of the folder. Missing folders are made (mode 0700). */
export async function writeDurably(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeAndSync(temporary, content, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Reads JSON; null when the file is not there. What is no file, too large or not JSON is an error that names it. */
export async function readJson<T>(file: string): Promise<T | null> {
  let text: string;
  try {
    text = await plainText(file, MOST_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`${file} is not JSON; it was changed by something else`, { cause });
  }
}

export const writeJson = (file: string, value: unknown): Promise<void> =>
  writeDurably(file, `${JSON.stringify(value, null, 2)}\n`);

/** Makes the entries of a folder durable (a rename or a removal in it). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAndSync(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

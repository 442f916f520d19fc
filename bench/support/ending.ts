/** What a bench must not leave behind, also when it is broken off. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const ends = new Set<() => Promise<void>>();
const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the bench's process ends. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-bench-'));
  folders.push(folder);
  return folder;
}

/** Answers `end` to be called at the end; until then `endAll` calls it too. */
export function owing(end: () => Promise<void>): () => Promise<void> {
  const once = async (): Promise<void> => {
    if (ends.delete(once)) await end();
  };
  ends.add(once);
  return once;
}

export async function endAll(): Promise<void> {
  await Promise.all([...ends].map((end) => end()));
}

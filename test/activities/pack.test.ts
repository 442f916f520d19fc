import { createReadStream, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packTar, packZip, type PackEntry } from '../../activities/pack';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

test('Who stops reading an archive ends the packing of it, and nothing breaks', async () => {
  const file = path.join(scratch(), 'file');
  const size = 8 * 1024 * 1024;
  writeFileSync(file, Buffer.alloc(size));
  const opened: { destroyed: boolean }[] = [];
  const entries = Array.from({ length: 20 }, (_, index): PackEntry => ({
    kind: 'file',
    path: `file-${index}`,
    mode: 0o644,
    size,
    content: async () => {
      await sleep(20);
      if (index % 2 === 1) return Buffer.alloc(size);
      const stream = createReadStream(file);
      opened.push(stream);
      return stream;
    },
  }));
  for (const stopAfter of [0, 8 * 1024 * 1024 + 1024]) {
    let read = 0;
    for await (const chunk of packTar(entries)) if ((read += chunk.length) > stopAfter) break;
    await sleep(300);
  }
  expect(opened.length).toBeLessThan(6);
  expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
});

const broken = (wait: () => Promise<unknown>): PackEntry => ({
  kind: 'file',
  path: 'broken',
  mode: 0o644,
  size: 3,
  content: async () => {
    await wait();
    throw new Error('it broke');
  },
});
const good: PackEntry = { kind: 'file', path: 'a', mode: 0o644, size: 1, content: async () => Buffer.from('a') };
const shrunk = (file: string): PackEntry => ({
  kind: 'file',
  path: 'shrunk',
  mode: 0o644,
  size: 10_000,
  content: async () => createReadStream(file),
});

/** Errors that nobody catches end the process of these tests too, or would: counted. */
async function uncaughtDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error));
  try {
    await work();
    await sleep(50);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
  return uncaught;
}

/** As a store does: it makes its folder and its file before it reads. */
async function readLate(content: AsyncIterable<Uint8Array>, afterMs: number): Promise<string> {
  await sleep(afterMs);
  try {
    for await (const chunk of content) void chunk;
    return 'read';
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each([
  ['tar', packTar],
  ['zip', packZip],
] as const)('Whatever goes wrong while a %s is packed is told to who reads it, and to nobody else', (kind, pack) => {
  test.each([0, 1, 5, 50])('when the reader comes after %i ms', async (afterMs) => {
    const small = path.join(scratch(), 'small');
    writeFileSync(small, 'x');
    const cases: [PackEntry[], RegExp][] = [
      [[broken(async () => undefined)], /it broke/],
      [[good, broken(() => sleep(2))], /it broke/],
      [[broken(() => sleep(20)), good], /it broke/],
      [[shrunk(small), good], /Size mismatch|file data stream has unexpected number of bytes/],
      [[good, shrunk(path.join(small, 'not there'))], /ENOTDIR/],
      ...(kind === 'zip' ? ([[[{ ...good, path: 'a\\b' }], /backslash/]] as [PackEntry[], RegExp][]) : []),
    ];
    const uncaught = await uncaughtDuring(async () => {
      for (const [entries, told] of cases) expect(await readLate(pack(entries), afterMs)).toMatch(told);
    });
    expect(uncaught).toEqual([]);
  });

  test('when nobody ever reads', async () => {
    const uncaught = await uncaughtDuring(async () => {
      pack([broken(async () => undefined)]);
      await pack([good, broken(() => sleep(1))]).return(undefined);
    });
    expect(uncaught).toEqual([]);
  });
});

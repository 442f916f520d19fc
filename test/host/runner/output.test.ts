import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { LogLine } from '../../../domain/host/runner';
import { openReleaseLog } from '../../../host/runner/log';
import { createLines } from '../../../system/lines';
import { createMask } from '../../../host/runner/mask';
import { followLogs, logsFolder, readLogs, tailLogs } from '../../../system/logs';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-logs-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const BOUND = 40_000;
const line = (n: number, text = 'x'.repeat(50)): LogLine => ({
  at: new Date(1_700_000_000_000 + n * 1_000).toISOString(),
  instance: n % 2,
  stream: n % 3 === 0 ? 'err' : 'out',
  line: `${n} ${text}`,
});
const numberOf = ({ line: text }: LogLine): number => Number(text.split(' ')[0]);

async function all(lines: AsyncIterable<LogLine>): Promise<number[]> {
  const found = [];
  for await (const each of lines) found.push(numberOf(each));
  return found;
}

function writeLines(from: number, to: number): void {
  const log = openReleaseLog(logsFolder(folder), BOUND);
  for (let n = from; n < to; n++) {
    log.write(line(n));
    if (n % 7 === 0) log.flush();
  }
  log.flush();
}

async function bytes(): Promise<number> {
  const names = await readdir(logsFolder(folder));
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(logsFolder(folder), name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('all files of a log together stay within the bound, and hold the newest lines in order', async () => {
  for (let round = 0; round < 10; round++) {
    writeLines(round * 200, round * 200 + 200);
    expect(await bytes()).toBeLessThanOrEqual(BOUND);
  }
  const numbers = await all(readLogs(folder));
  expect(numbers.length).toBeGreaterThan(100);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 2_000 - numbers.length + index));
});

test('lines are read since a time, of an instance, of a stream, and the last ones', async () => {
  writeLines(0, 300);
  expect(await all(readLogs(folder, { sinceMs: Date.parse(line(290).at) }))).toEqual([
    290, 291, 292, 293, 294, 295, 296, 297, 298, 299,
  ]);
  expect((await all(readLogs(folder, { instance: 1 }))).every((n) => n % 2 === 1)).toBe(true);
  expect((await all(readLogs(folder, { stream: 'err' }))).every((n) => n % 3 === 0)).toBe(true);
  expect((await tailLogs(folder, 150)).map(numberOf)).toEqual(Array.from({ length: 150 }, (_, index) => 150 + index));
  expect((await tailLogs(folder, 3, { instance: 0 })).map(numberOf)).toEqual([294, 296, 298]);
});

test('a log that is not there has no lines', async () => {
  expect(await all(readLogs(folder))).toEqual([]);
  expect(await tailLogs(folder, 5)).toEqual([]);
});

test('half a line of a killed runner spoils no other line', async () => {
  writeLines(0, 3);
  const { appendFile } = await import('node:fs/promises');
  await appendFile(path.join(logsFolder(folder), 'release.ndjson'), '{"at":"2023-11-14T22:13:23.');
  writeLines(3, 6);
  expect(await all(readLogs(folder))).toEqual([0, 1, 2, 3, 4, 5]);
});

test('following gives every line once, over rotations, from lines before to lines to come', async () => {
  writeLines(0, 100);
  const end = new AbortController();
  const found: number[] = [];
  const following = (async () => {
    for await (const each of followLogs(folder, { sinceMs: 0 }, end.signal)) {
      found.push(numberOf(each));
      if (numberOf(each) === 999) end.abort();
    }
  })();
  for (let n = 100; n < 1_000; n += 50) {
    writeLines(n, n + 50);
    await new Promise((resolve) => setTimeout(resolve, 10));
    // The reader keeps up: a bound this small would take lines away before a slow machine has read them.
    while (found.at(-1) !== n + 49) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await following;
  expect(found.slice(-1_000)).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
});

test('lines come out as they were written, however the bytes were cut', () => {
  const text = fc.string({ unit: 'grapheme' }).map((each) => each.replace(/[\r\n]/g, ''));
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (written, cuts) => {
        const input = Buffer.from(written.map((each) => `${each}\n`).join(''));
        const read: string[] = [];
        const lines = createLines({ longest: 1_000 }, (each) => read.push(each));
        for (let offset = 0, n = 0; offset < input.length; n++) {
          const length = cuts[n % cuts.length] ?? 1;
          lines.push(input.subarray(offset, offset + length));
          offset += length;
        }
        lines.flush();
        expect(read).toEqual(written);
      },
    ),
  );
});

test('the memory that a line takes is bounded, and the next line is whole again', () => {
  const read: string[] = [];
  const lines = createLines({ longest: 10 }, (each) => read.push(each));
  for (let n = 0; n < 100; n++) lines.push(Buffer.from('x'.repeat(100)));
  lines.push(Buffer.from('\r\nnext\r\nlast'));
  lines.flush();
  expect(read).toEqual(['x'.repeat(10), 'next', 'last']);
});

const SECRET = 'p/ss+w0rd "with" ünïcode?';

test.each([
  ['as it is', SECRET],
  ['as base64', Buffer.from(SECRET).toString('base64')],
  ['as base64url', Buffer.from(SECRET).toString('base64url')],
  ['within base64', Buffer.from(`ana:${SECRET}:x`).toString('base64')],
  ['URL-encoded', encodeURIComponent(SECRET)],
  ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
])('a secret is masked %s', (_how, form) => {
  const { mask } = createMask([SECRET, 'short']);
  const masked = mask(`before ${form} after short`);
  // At its ends, base64 mixes a few bits of a value with its neighbours'.
  expect(masked).toMatch(/^before [\w+/=-]{0,6}\[secret\][\w+/=-]{0,4} after short$/);
});

test('a long line is cut at 64 Ki characters, and no part of a secret is left at the cut', () => {
  const { mask, readLength } = createMask([SECRET]);
  for (const before of [64 * 1024 - 10, 64 * 1024 - 1, readLength - 10, readLength - SECRET.length - 1]) {
    const read = `${'x'.repeat(before)}${SECRET}${'y'.repeat(100_000)}`.slice(0, readLength);
    const masked = mask(read);
    expect(masked.length).toBeLessThan(64 * 1024 + 20);
    expect(masked).not.toContain(SECRET.slice(0, 6));
    expect(masked).toMatch(/\(cut\)$/);
  }
  const many = `${`${SECRET} `.repeat(5_000)}`.slice(0, readLength);
  expect(mask(many).replaceAll('[secret]', '')).not.toContain(SECRET.slice(0, 3));
  expect(mask('z'.repeat(64 * 1024))).toBe('z'.repeat(64 * 1024));
});

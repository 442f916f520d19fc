import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { boundLog, lastLines, openLog } from '../../embedded/supervisor/log-file';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mvca-log-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

test('a log that is still written is cut when it is too large, and goes on from its beginning', async () => {
  const file = path.join(scratch, 'logs', 'part.log');
  const writer = await openLog(file);
  for (let n = 0; n < 100; n += 1) await writer.write(`line ${n}\n`);
  await boundLog(file, 100);
  await writer.write('after\n');
  expect(await readFile(file, 'utf8')).toBe('after\n');
  expect(await lastLines(`${file}.1`, 2)).toEqual(['line 98', 'line 99']);
  await boundLog(file, 100);
  expect((await stat(file)).size).toBe(6);
  await writer.close();
});

test('a log that is not there has no lines', async () => {
  expect(await lastLines(path.join(scratch, 'none'), 5)).toEqual([]);
});

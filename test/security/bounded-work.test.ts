/** What takes too long, or too much memory, is ended, and nobody else is held up by it meanwhile. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bounded } from '../../activities/bounded';
import { boundedWork } from '../../system/bounded-work';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

function program(code: string): string {
  const file = path.join(scratch(), 'job.js');
  writeFileSync(file, `const { parentPort, workerData } = require('node:worker_threads');\n${code}`);
  return file;
}

test.each([
  ['an endless loop', 'for (;;);', /^within 1 s$/],
  ['a pattern that backtracks for years', `/^(a+)+$/.exec('a'.repeat(60) + 'b');`, /^within 1 s$/],
  ['memory without end', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length));', /^in 64 MB of memory$/],
  ['an end without an answer', 'process.exit(0);', /^before its thread ended$/],
])('%s costs an answer and nothing else', async (_what, code, why) => {
  // Counted and not timed: on a busy machine all threads wait, and this one is not held up by the other.
  let turns = 0;
  const looking = setInterval(() => (turns += 1), 10);
  const limits = { limitMs: why.source.includes('1 s') ? 1_000 : 20_000, megabytes: 64 };
  const result = await boundedWork(program(code), null, limits).finally(() => clearInterval(looking));
  expect(result).toEqual({ kind: 'over', why: expect.stringMatching(why) });
  if (limits.limitMs === 1_000) expect(turns).toBeGreaterThan(10);
});

test('What is thrown is thrown, and an answer is an answer', async () => {
  const limits = { limitMs: 20_000, megabytes: 64 };
  expect(await boundedWork(program('parentPort.postMessage(workerData + 1)'), 1, limits)).toEqual({
    kind: 'done',
    value: 2,
  });
  await expect(boundedWork(program(`throw new Error('no')`), null, limits)).rejects.toThrow('no');
});

test('A coverage report of 60 MB in the worst shapes is read, or given up, in seconds', async () => {
  for (const text of ['<coverage '.repeat(6e6), `DA:${'1,'.repeat(3e7)}`, '\n'.repeat(6e7), '{"a":'.repeat(1.2e7)]) {
    const result = await bounded('coverage', { text }, 5_000);
    expect(result.kind === 'over' ? result.why : result.value.kind).toMatch(
      /^(unreadable|within 5 s|in 512 MB of memory)$/,
    );
  }
});

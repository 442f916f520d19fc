/** What an application prints costs it its own run at most: never memory without bound, nor the time of others. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { importantLines } from '../../domain/build/command-words';
import { runCommand, type CommandResult } from '../../system/run-command';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

const MEGABYTE = 1024 * 1024;

interface Output {
  readonly result: CommandResult;
  readonly lines: readonly string[];
  /** The most that this process held more than before, in bytes. */
  readonly grownBytes: number;
  /** The longest time in which nothing else could be done. */
  readonly heldMs: number;
}

/** Runs a program that prints, as a build or a test does. */
async function printed(program: string): Promise<Output> {
  const file = path.join(scratch(), 'prints.js');
  writeFileSync(file, program);
  const before = process.memoryUsage().rss;
  let [most, heldMs, last] = [before, 0, performance.now()];
  const looking = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
    heldMs = Math.max(heldMs, performance.now() - last - 20);
    last = performance.now();
  }, 20);
  const lines: string[] = [];
  try {
    const result = await runCommand({
      argv: [process.execPath, file],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '' },
      timeoutMs: 120_000,
      onLine: (line) => {
        lines.push(line);
        if (lines.length > 100) lines.shift();
      },
    });
    return { result, lines, grownBytes: most - before, heldMs };
  } finally {
    clearInterval(looking);
  }
}

/** A program that writes `times` times the same, as fast as it is read. */
const writes = (what: string, times: number): string =>
  `let n = 0; const what = ${what}; (function on() { while (n++ < ${times}) if (!process.stdout.write(what)) return process.stdout.once('drain', on); })();`;

test('512 MB without a line break are one line, cut, and leave the memory as it was', async () => {
  const { result, lines, grownBytes } = await printed(writes(`'x'.repeat(${MEGABYTE})`, 512));
  expect(result).toMatchObject({ end: 'exited', code: 0 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^x{65536} … \(cut\)$/);
  expect(result.tail[0]).toMatch(/^x{4096} … \(cut\)$/);
  expect(grownBytes).toBeLessThan(128 * MEGABYTE);
});

test('Line breaks and nothing else hold nobody up', async () => {
  const { result, heldMs, grownBytes } = await printed(writes(`'\\n'.repeat(${MEGABYTE})`, 8));
  expect(result.code).toBe(0);
  expect(heldMs).toBeLessThan(5_000);
  expect(grownBytes).toBeLessThan(128 * MEGABYTE);
});

test.each([
  ['carriage returns', `'a\\r'.repeat(1000)`, 'a'],
  ['both', `'a\\r\\n'.repeat(1000)`, 'a'],
  ['NULs', `'\\0'.repeat(1000) + '\\n'`, '\0'.repeat(1000)],
  ['halves of characters', `Buffer.from('f09f98\\n'.repeat(0) + 'f09f980a', 'hex')`, '\uFFFD'],
])('Lines of %s are read as lines', async (_what, text, line) => {
  const { result, lines } = await printed(writes(text, 1));
  expect(result.code).toBe(0);
  expect(new Set(lines)).toEqual(new Set([line]));
});

test('What is told of a failed command is short, however long its lines are', async () => {
  const { result } = await printed(
    `process.exitCode = 1; ${writes(`'Error: expected ' + 'a'.repeat(10 * ${MEGABYTE}) + '\\n'`, 3)}`,
  );
  const told = importantLines(result.tail);
  expect(told).toHaveLength(3);
  expect(told.join('').length).toBeLessThan(2_000);
});

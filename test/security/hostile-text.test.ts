/**
 * Every reader of what applications wrote is linear: one megabyte of any shape takes it less than two seconds. MVCA_TEST_FUZZ_RUNS
 * asks for more tries than the few of each run.
 */
import fc from 'fast-check';
import { readable } from '../../activities/progress';
import { importantLines } from '../../domain/build/command-words';
import { importsOf } from '../../domain/diagnosis/imports';
import { findCauses } from '../../domain/diagnosis/diagnose';
import { readLockFile } from '../../domain/diagnosis/lock-files';
import { readCoverage } from '../../domain/gates/coverage';
import { isInRange } from '../../domain/gates/node-range';
import { createTestReader } from '../../domain/gates/test-output';
import { createLines } from '../../system/lines';

const MEGABYTE = 1024 * 1024;
const LIMIT_MS = 2_000;
const RUNS = Number(process.env['MVCA_TEST_FUZZ_RUNS'] ?? 6);

const log = (text: string) => ({
  fresh: [{ source: 'log', text }],
  old: [{ source: 'old', text: text.slice(0, 1_000) }],
});
const context = {
  app: 'shop',
  environment: 'production',
  databaseSecret: null,
  variables: [],
  secrets: [],
  healthPath: '/',
} as const;

/** As they are called: with everything at once, or line by line. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'logs, for a diagnosis': (text) => findCauses(log(text), context),
  'lcov, Cobertura and coverage-summary.json': readCoverage,
  'package-lock.json': (text) => readLockFile('package-lock.json', text),
  'pnpm-lock.yaml': (text) => readLockFile('pnpm-lock.yaml', text),
  'yarn.lock': (text) => readLockFile('yarn.lock', text),
  'code of the application': importsOf,
  'output of tests': (text) => {
    const reader = createTestReader();
    for (const line of linesOf(text)) reader.line(line);
    return reader.count();
  },
  'output of a failed command': (text) => importantLines(linesOf(text).slice(-200)),
  'lines that are shown while they come': (text) => linesOf(text).map(readable),
  'a range of Node versions': (text) => isInRange(text, text),
};

function linesOf(text: string): string[] {
  const lines: string[] = [];
  const reader = createLines({ longest: 64 * 1024, returns: true }, (line) => lines.push(line));
  reader.push(Buffer.from(text));
  reader.flush();
  return lines;
}

/** Each begins as something that a reader knows, and goes on without end. */
const SHAPES: readonly (readonly [start: string, unit: string, end: string])[] = [
  ['', 'E', ''],
  ['connect ECONNREFUSED ', 'E', '\n'],
  ['Error: connect ECONNREFUSED ', ':', ' x'],
  ['Error: ', 'connect to 1:', ''],
  ['Error: x\n', '    at ', ''],
  ['Error: x\n', '    at f (/app/a.js:1:2)\n', ''],
  ['Error: x\n', '  [cause]: Error: y\n      at f (/app/a.js:1:2)\n', ''],
  ['Error: x\n  ', '{', ''],
  ['', 'Error: ', ''],
  ['', ' ', 'x'],
  ['', '\n', ''],
  ['', '\r', 'x'],
  ['', '\0', ''],
  ['', '\ud83d', ''],
  ['', '\u{1f600}', ''],
  ['', '\u001b[', ''],
  ['', '\u001b[31m', ''],
  ['\u001b]8;;', 'a', ''],
  ['', '[', ''],
  ['{"a":', '[', ''],
  ['', '{"a":', ''],
  ['{"level":"error","msg":"', 'ECONNREFUSED:', '"}'],
  ['', '{"level":50,"err":{"stack":"Error: x","cause":null}}\n', ''],
  ['<coverage ', '<coverage ', ''],
  ['<coverage ', 'line-rate=', '>'],
  ['DA:', '1,', '\nend_of_record'],
  ['LF:', '1', '\nend_of_record'],
  ['', 'DA:1,1\n', 'end_of_record'],
  ['a@1:\n', '  \t', ''],
  ['', 'a@1:\n  b\n', ''],
  ['packages:\n', '  a@1:\n', ''],
  ['packages:\n  ', '@a/', ''],
  ['', 'import ', ''],
  ['', 'const {', ''],
  ['import ', 'a, ', 'from "x"'],
  ['Tests: ', ' ', ''],
  ['Tests: ', '1 passed, ', ' total'],
  ['ok 1 - ', '/', ''],
  ['', '#', ''],
  ['# TYPE a ', 'counter ', ''],
  ['a{b="', '\\"', ''],
  ['', '1.', ''],
  ['>=', '1 ', ''],
  ['relation "', 'a', '" does not exist'],
  ['', 'password=', ''],
  ['', 'node_modules/', ''],
  ['/app/', 'a/', ':1'],
  ['', '2026-01-01T00:00:00.', ''],
];

const filled = ([start, unit, end]: (typeof SHAPES)[number], length: number): string =>
  `${start}${unit.repeat(Math.ceil(Math.max(0, length - start.length - end.length) / unit.length))}${end}`;

/** Threads that earlier files left in this process count as well: what is slow is slow each time. */
function msOf(read: (text: string) => unknown, text: string, tries = 3): number {
  const ms = msOnce(read, text);
  return ms <= LIMIT_MS || tries === 1 ? ms : msOf(read, text, tries - 1);
}

function msOnce(read: (text: string) => unknown, text: string): number {
  const begun = process.cpuUsage(); // of this process alone: the machine may be busy
  read(text);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

describe.each(Object.entries(READERS))(
  'One megabyte of anything is read in less than two seconds: %s',
  (_name, read) => {
    test('in shapes that are known to be hard', () => {
      const slow = SHAPES.map((shape) => ({ shape, ms: msOf(read, filled(shape, MEGABYTE)) })).filter(
        ({ ms }) => ms > LIMIT_MS,
      );
      expect(slow).toEqual([]);
    });

    test('in mixtures of them', () => {
      const parts = fc.array(fc.tuple(fc.constantFrom(...SHAPES), fc.integer({ min: 1, max: 64 })), {
        minLength: 1,
        maxLength: 6,
      });
      const mixture = fc.tuple(parts, fc.constantFrom('', '\n', ' ')).map(([chosen, between]) => {
        const whole = chosen.map(([shape, length]) => filled(shape, length * 16)).join(between);
        return `${whole}${between}`.repeat(Math.ceil(MEGABYTE / (whole.length + 1)));
      });
      fc.assert(
        fc.property(mixture, (text) => {
          expect(msOf(read, text.slice(0, MEGABYTE))).toBeLessThan(LIMIT_MS);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    });
  },
);

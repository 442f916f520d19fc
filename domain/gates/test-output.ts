/** How many tests were executed, read from what test runners print. */

export interface TestCount {
  /** Such as `jest`; several where a command ran several. */
  readonly runners: readonly string[];
  /** Passed or failed; skipped ones and to-dos were not executed. */
  readonly executed: number;
  readonly failed: number;
  /** Files that failed, where no test was executed: one that cannot be loaded, a `beforeAll` that threw. Absent: none. */
  readonly failedFiles?: number;
}

export interface TestReader {
  line(text: string): void;
  /** null: no known runner spoke. */
  count(): TestCount | null;
}

type Found = readonly [runner: string, executed: number, failed: number, failedFiles?: number];

/** Reads the output of jest, vitest, mocha and node:test (TAP or spec) line by line; sums where there are several runs. */
export function createTestReader(): TestReader {
  const runners = new Set<string>();
  let executed = 0;
  let failed = 0;
  let failedFiles = 0;
  return {
    line: (whole) => {
      const text = whole.slice(0, LONGEST);
      const plain = text.replace(COLOURS, '').trimEnd();
      for (const read of READERS) {
        const found = read(plain);
        if (found === null) continue;
        runners.add(found[0]);
        executed += found[1];
        failed += found[2];
        failedFiles += found[3] ?? 0;
        return;
      }
    },
    count: () => {
      if (runners.size === 0) return null;
      const files = executed <= 0 && failedFiles > 0 ? { failedFiles } : {};
      return { runners: [...runners].sort(), executed: Math.max(0, executed), failed, ...files };
    },
  };
}

/** What a runner counts stands in short lines. */
const LONGEST = 1_000;
const COLOURS = new RegExp('\\u001b\\[[0-9;]*m', 'g');

const READERS: readonly ((line: string) => Found | null)[] = [readJest, readVitest, readMocha, readNode, readNodeFile];

/** `Test Suites: 1 failed, 1 total`; `Tests:       1 failed, 2 skipped, 10 passed, 13 total`; `No tests found, exiting with code 1`. */
function readJest(line: string): Found | null {
  const suites = /^Test Suites: (\d.*) total$/.exec(line)?.[1];
  if (suites !== undefined) return ['jest', 0, 0, numberOf(suites, 'failed')];
  if (/^No tests found/.test(line)) return ['jest', 0, 0];
  const counts = /^Tests:\s+(\S.*) total$/.exec(line)?.[1];
  return counts === undefined
    ? null
    : ['jest', numberOf(counts, 'passed') + numberOf(counts, 'failed'), numberOf(counts, 'failed')];
}

/** ` Test Files  1 failed (1)`; `      Tests  1 failed | 3 passed | 1 skipped (5)`; `No test files found, exiting with code 1`. */
function readVitest(line: string): Found | null {
  const files = /^\s*Test Files\s+(\d+ (?:passed|failed|skipped)\b.*)$/.exec(line)?.[1];
  if (files !== undefined) return ['vitest', 0, 0, numberOf(files, 'failed')];
  if (/^\s*No test files found/.test(line) || /^\s*Tests\s+no tests$/.test(line)) return ['vitest', 0, 0];
  const counts = /^\s*Tests\s+(\d+ (?:passed|failed|skipped|todo)\b.*)$/.exec(line)?.[1];
  return counts === undefined
    ? null
    : ['vitest', numberOf(counts, 'passed') + numberOf(counts, 'failed'), numberOf(counts, 'failed')];
}

/** `  5 passing (12ms)`, `  1 failing`. */
function readMocha(line: string): Found | null {
  const passing = /^\s+(\d+) passing(?: \(.+\))?$/.exec(line)?.[1];
  if (passing !== undefined) return ['mocha', Number(passing), 0];
  const failing = /^\s+(\d+) failing$/.exec(line)?.[1];
  return failing === undefined ? null : ['mocha', Number(failing), Number(failing)];
}

/** `# pass 5` (TAP) or `ℹ pass 5` (spec), and the same for `fail`. */
function readNode(line: string): Found | null {
  const [, what, count] = /^(?:#|ℹ) (pass|fail|cancelled)\s+(\d+)$/.exec(line) ?? [];
  if (what === undefined) return null;
  return ['node:test', Number(count), what === 'pass' ? 0 : Number(count)];
}

/** node:test counts a file without a test as one that passed: `ok 1 - /app/empty.test.js`, `✔ empty.test.js (59.7ms)`. */
function readNodeFile(line: string): Found | null {
  const file = FILE.exec(line)?.[1] ?? '';
  const isOne = file.includes('/') || /[._-](?:test|spec)$|^test-./.test(file);
  return isOne ? ['node:test', -1, 0] : null;
}

const FILE = /^(?:ok \d+ - |✔ )(\S+)\.[cm]?[jt]sx?(?: \([\d.]+ms\))?$/;

const numberOf = (counts: string, word: string): number =>
  Number(new RegExp(`\\b(\\d+) ${word}`).exec(counts)?.[1] ?? 0);

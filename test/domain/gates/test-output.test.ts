import { createTestReader, type TestCount } from '../../../domain/gates/test-output';

function count(output: string): TestCount | null {
  const reader = createTestReader();
  for (const line of output.split('\n')) reader.line(line);
  return reader.count();
}
const ESC = '\u001b';

test.each<[string, string, TestCount]>([
  [
    'jest',
    'Test Suites: 1 failed, 2 passed, 3 total\nTests:       1 failed, 2 skipped, 1 todo, 10 passed, 14 total\n',
    { runners: ['jest'], executed: 11, failed: 1 },
  ],
  [
    'jest in colours',
    `${ESC}[1mTests:       ${ESC}[22m${ESC}[1m${ESC}[32m10 passed${ESC}[39m${ESC}[22m, 10 total`,
    { runners: ['jest'], executed: 10, failed: 0 },
  ],
  [
    'jest that found none',
    'No tests found, exiting with code 1\nRun with `--passWithNoTests`',
    { runners: ['jest'], executed: 0, failed: 0 },
  ],
  [
    'jest whose file cannot be loaded',
    'FAIL ./a.test.js\n  ● Test suite failed to run\nTest Suites: 1 failed, 1 total\nTests:       0 total\n',
    { runners: ['jest'], executed: 0, failed: 0, failedFiles: 1 },
  ],
  [
    'vitest whose beforeAll threw',
    ' FAIL  a.test.js > shop\nError: no database\n Test Files  1 failed (1)\n      Tests  12 skipped (12)\n',
    { runners: ['vitest'], executed: 0, failed: 0, failedFiles: 1 },
  ],
  [
    'vitest whose file cannot be loaded',
    ' Test Files  1 failed (1)\n      Tests  no tests\n',
    { runners: ['vitest'], executed: 0, failed: 0, failedFiles: 1 },
  ],
  ['jest that skipped all', 'Tests:       3 skipped, 3 total', { runners: ['jest'], executed: 0, failed: 0 }],
  [
    'vitest',
    ' Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 3 passed | 1 skipped (5)\n',
    { runners: ['vitest'], executed: 4, failed: 1 },
  ],
  ['vitest without files', 'No test files found, exiting with code 1', { runners: ['vitest'], executed: 0, failed: 0 }],
  ['mocha', '\n  5 passing (12ms)\n  2 pending\n  1 failing\n', { runners: ['mocha'], executed: 6, failed: 1 }],
  ['mocha without tests', '\n  0 passing (1ms)\n', { runners: ['mocha'], executed: 0, failed: 0 }],
  [
    'node:test as TAP',
    'ok 1 - adds\n# tests 3\n# suites 0\n# pass 2\n# fail 0\n# cancelled 0\n# skipped 1\n',
    { runners: ['node:test'], executed: 2, failed: 0 },
  ],
  [
    'node:test as spec',
    '✔ adds (0.7ms)\nℹ tests 2\nℹ pass 1\nℹ fail 1\nℹ cancelled 0\n',
    { runners: ['node:test'], executed: 2, failed: 1 },
  ],
  [
    'node:test with a file without a test',
    'ok 1 - /app/test/empty.test.js\n# tests 1\n# pass 1\n# fail 0\n',
    { runners: ['node:test'], executed: 0, failed: 0 },
  ],
  [
    'the same with a bare name',
    '✔ empty.test.js (59.7ms)\n✔ server.js (1ms)\nℹ tests 2\nℹ pass 2\nℹ fail 0\n',
    { runners: ['node:test'], executed: 1, failed: 0 },
  ],
  [
    'the same as spec',
    '✔ /app/test/empty.test.mjs (59.7ms)\nℹ tests 1\nℹ pass 1\nℹ fail 0\n',
    { runners: ['node:test'], executed: 0, failed: 0 },
  ],
  [
    'node:test without files',
    '1..0\n# tests 0\n# pass 0\n# fail 0\n',
    { runners: ['node:test'], executed: 0, failed: 0 },
  ],
  [
    'two runs of one command',
    'Tests:       4 passed, 4 total\nTests:       6 passed, 6 total\n',
    { runners: ['jest'], executed: 10, failed: 0 },
  ],
])('%s is counted', (_name, output, expected) => {
  expect(count(output)).toEqual(expected);
});

test.each(['', 'all good', 'Tests are great', '5 passed', 'running 3 tests'])('%j is of no known runner', (output) => {
  expect(count(output)).toBeNull();
});

import type { Finding } from '../../../domain/gates/gate';
import { gateWords } from '../../../domain/gates/gate-words';

const finding = (id: string, message: string, remedy: string | null = null): Finding => ({
  id,
  verdict: 'refused',
  message,
  remedy,
});
const passed: Finding = { ...finding('x', 'fine'), verdict: 'passed' };

test.each<[string, string, readonly Finding[], string]>([
  [
    'the line of a test runner',
    '`npm test` executed no test (jest) and exited with code 1',
    [finding('unit', '`npm test` executed no test (jest) and exited with code 1\n  no tests found', 'write a test')],
    '`npm test` executed no test (jest) and exited with code 1\n  no tests found; write a test',
  ],
  [
    'a smoke request',
    'GET / of instance 0: answered 500',
    [passed, finding('get /', 'GET / of instance 0: answered 500', 'correct it')],
    'GET / of instance 0: answered 500; correct it',
  ],
  [
    'the command of a missing secret',
    'KEY is required, and its secret cannot be resolved; and 1 more',
    [
      finding('variable/KEY', 'KEY is required, and its secret cannot be resolved', 'mvca secrets set shop KEY'),
      finding('secret/KEY', 'KEY: it has no value; mvca secrets set shop KEY', 'mvca secrets set shop KEY'),
    ],
    'variable/KEY: KEY is required, and its secret cannot be resolved | secret/KEY: KEY: it has no value; mvca secrets set shop KEY',
  ],
  [
    'a summary of its own',
    '2 open',
    [finding('unit', 'cannot be known'), finding('coverage', 'cannot be known')],
    '2 open: unit: cannot be known | coverage: cannot be known',
  ],
  ['nothing but a summary', 'nothing is known', [passed], 'nothing is known'],
])('%s stands once', (_title, summary, findings, words) => {
  expect(gateWords({ summary, findings })).toBe(words);
});

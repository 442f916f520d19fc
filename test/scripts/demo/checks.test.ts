import type { Counts } from '../../../scripts/counts';
import { check } from '../../../scripts/demo/checks';
import type { DemoFacts, SceneFacts } from '../../../scripts/demo/checks';
import { summary } from '../../../scripts/demo/summary';

const counts = (change: Partial<Counts> = {}): Counts => ({
  requests: 1000,
  ok: 1000,
  failed: {},
  failures: 0,
  inFlight: 0,
  firstBadAt: null,
  lastBadAt: null,
  byVersion: { '1.0.0': 1000 },
  firstByVersion: {},
  clients: 97,
  clientsWithFailures: 0,
  latencyMs: { p50: 1, p95: 2, p99: 3 },
  samples: [],
  ...change,
});

const scene = (change: Partial<SceneFacts> = {}): SceneFacts => ({
  version: '1.0.0',
  exitCode: 0,
  outcome: 'succeeded',
  counts: counts(),
  report: '/r/1',
  ...change,
});

const bad = counts({
  failed: { '500': 24 },
  failures: 24,
  firstBadAt: 10_000,
  lastBadAt: 12_500,
  byVersion: { '1.1.0': 800, '1.2.0': 200 },
});

const late = counts({
  failed: { '500': 9 },
  failures: 9,
  firstBadAt: 68_000,
  lastBadAt: 72_100,
  byVersion: { '1.1.0': 7_000, '1.3.0': 1_300 },
  firstByVersion: { '1.1.0': 1_000, '1.3.0': 10_000 },
  clientsWithFailures: 9,
});

const MENDS = 'mvca secrets set shop production EXCHANGE_RATES_KEY';
const diagnosis = {
  title: 'the secret EXCHANGE_RATES_KEY is missing',
  command: MENDS,
  impact: { requests: 1_300, failed: 9, clients: 96, clientsAffected: 9, routes: [] },
  report: `<svg></svg><code>${MENDS}</code>`,
};

const good: DemoFacts = {
  scenes: {
    a: scene(),
    b: scene({ version: '1.1.0', counts: counts({ byVersion: { '1.0.0': 400, '1.1.0': 600 } }) }),
    c: scene({ version: '1.2.0', exitCode: 4, outcome: 'rolled-back', counts: bad }),
    d: scene({ version: '1.3.0', exitCode: 4, outcome: 'rolled-back', counts: late }),
  },
  between: counts({ byVersion: { '1.1.0': 100 } }),
  diagnosis,
  after: counts({ byVersion: { '1.1.0': 200 } }),
  health: counts(),
  webUi: 'http://127.0.0.1:8233',
};

const wrong = (facts: DemoFacts): string[] =>
  check(facts)
    .filter(({ isSo }) => !isSo)
    .map(({ what, found }) => `${what}: ${found}`);
const withD = (change: Partial<Counts>): DemoFacts => ({
  ...good,
  scenes: { ...good.scenes, d: scene({ ...good.scenes.d, counts: counts({ ...late, ...change }) }) },
});
const withC = (change: Partial<SceneFacts>): DemoFacts => ({
  ...good,
  scenes: { ...good.scenes, c: scene({ ...good.scenes.c, ...change }) },
});

test('a demo that went as promised has nothing wrong', () => {
  expect(wrong(good)).toEqual([]);
});

test('one failed request in a good release is enough', () => {
  const a = scene({ counts: counts({ failed: { ECONNRESET: 1 }, failures: 1 }) });
  expect(wrong({ ...good, scenes: { ...good.scenes, a } })).toEqual([
    '(a) no request failed: 1 failed (1 × ECONNRESET)',
  ]);
});

test('a bad release that was not rolled back, or ended with another code, is wrong', () => {
  expect(wrong(withC({ outcome: 'succeeded', exitCode: 0 }))).toEqual([
    '(c) 1.2.0 ended `rolled-back`: succeeded',
    '(c) the command exited with 4: 0',
  ]);
});

test('bad answers must be there, be of the expected kind and share, and end in time', () => {
  const other = counts({ ...bad, failed: { '500': 20, ECONNRESET: 4 } });
  expect(wrong(withC({ counts: other }))).toEqual([
    '(c) had bad answers, and only 500: 24 failed (20 × 500, 4 × ECONNRESET)',
  ]);
  expect(wrong(withC({ counts: counts({ ...bad, lastBadAt: 26_000 }) }))).toEqual([
    '(c) the last bad answer came at most 15 s after the first: 16.0 s',
  ]);
  expect(wrong(withC({ counts: counts({ byVersion: { '1.1.0': 900 } }) }))).toHaveLength(4);
});

test('a canary that was bad at once, or too long, is not what was promised', () => {
  expect(wrong(withD({ firstBadAt: 12_000, lastBadAt: 15_000 }))).toEqual([
    '(d) was good for at least 50 s at first: 2.0 s',
  ]);
  expect(wrong(withD({ lastBadAt: 90_000 }))).toEqual([
    '(d) the last bad answer came at most 15 s after the first: 22.0 s',
  ]);
});

test('cause, remedy, whom it hit and the report are looked at', () => {
  expect(wrong({ ...good, diagnosis: null })).toHaveLength(4);
  expect(wrong({ ...good, diagnosis: { ...diagnosis, title: 'the disk is full', command: null, report: '' } })).toEqual(
    [
      '(d) names EXCHANGE_RATES_KEY as the likely cause: the disk is full',
      `(d) says what mends it: \`${MENDS}\`: nothing`,
      '(d) has cause, remedy and plots in its report: no report',
    ],
  );
  expect(wrong(withD({ clientsWithFailures: 40 }))).toEqual([
    '(d) says how many of the 97 clients saw an error: 40: 9 of 96',
  ]);
});

test('the old version must serve alone in the end', () => {
  const after = counts({ byVersion: { '1.1.0': 100, '1.2.0': 1 } });
  expect(wrong({ ...good, after })).toEqual(['after (d) was served by 1.1.0: 1.1.0, 1.2.0']);
});

test('the summary gives the figures of the client, and what does not hold', () => {
  const text = summary(good, check(good), { seconds: 171.4, isKept: false });
  expect(text).toContain('failed in (a) and (b): 0');
  expect(text).toContain('bad answers in (c): 24, from the first to the last 2.5 s');
  expect(text).toContain('bad answers in (d): 9, from the first to the last 4.1 s, after 58 good seconds');
  expect(text).toContain('clients that saw one in (d): 9 of 97');
  expect(text).toContain(`what mends it: ${MENDS}`);
  expect(text).toContain('whom it hit: about 9 of 96 clients (9.38 %) saw an error');
  expect(text).toMatch(/All \d+ checks hold\. 171 s\./);
  const facts = withC({ report: null });
  expect(summary(facts, check(facts), { seconds: 171.4, isKept: false })).toContain('✗ (c) has a report: none');
});

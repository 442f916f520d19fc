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

const good: DemoFacts = {
  scenes: {
    a: scene(),
    b: scene({ version: '1.1.0', counts: counts({ byVersion: { '1.0.0': 400, '1.1.0': 600 } }) }),
    c: scene({ version: '1.2.0', exitCode: 4, outcome: 'rolled-back', counts: bad }),
  },
  after: counts({ byVersion: { '1.1.0': 200 } }),
  health: counts(),
  webUi: 'http://127.0.0.1:8233',
};

const wrong = (facts: DemoFacts): string[] =>
  check(facts)
    .filter(({ isSo }) => !isSo)
    .map(({ what, found }) => `${what}: ${found}`);
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

test('the old version must serve alone in the end', () => {
  const after = counts({ byVersion: { '1.1.0': 100, '1.2.0': 1 } });
  expect(wrong({ ...good, after })).toEqual(['after (c) was served by 1.1.0: 1.1.0, 1.2.0']);
});

test('the summary gives the figures of the client, and what does not hold', () => {
  const text = summary(good, check(good), { seconds: 171.4, isKept: false });
  expect(text).toContain('failed in (a) and (b): 0');
  expect(text).toContain('bad answers in (c): 24, from the first to the last 2.5 s');
  expect(text).toMatch(/All \d+ checks hold\. 171 s\./);
  const facts = withC({ report: null });
  expect(summary(facts, check(facts), { seconds: 171.4, isKept: false })).toContain('✗ (c) has a report: none');
});

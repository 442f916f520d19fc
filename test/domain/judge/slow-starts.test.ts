import { addStarts, NO_STARTS, slowExcess, type SlowStarts } from '../../../domain/judge/slow-starts';
import { excessOf } from '../../../domain/judge/excess';

const LIMITS = { slow: 0.05, responseMs: 1_000 };
const ALARM = 1_000;

const after = (asked: readonly { at: number; answers: number; slow?: number; askedAt?: number }[]): SlowStarts =>
  asked.reduce(
    (starts, { at, answers, slow = 0, askedAt = at - LIMITS.responseMs }) =>
      addStarts(starts, { at, answers, slow: [{ at: askedAt, slow }] }, LIMITS.slow),
    NO_STARTS,
  );
const evidence = (starts: SlowStarts, now: number): number => excessOf(slowExcess(starts, now, LIMITS));

test('what was asked too lately to be overdue says nothing yet', () => {
  const starts = after([{ at: 1_100, answers: 0, slow: 8, askedAt: 100 }]);
  expect(evidence(starts, 1_400)).toBeCloseTo(1);
  expect(evidence(starts, 1_500)).toBeGreaterThan(10);
});

test('one half second of slow answers is no alarm, two are', () => {
  const one = [{ at: 1_200, answers: 0, slow: 60 }];
  const two = [...one, { at: 1_700, answers: 0, slow: 60 }];
  expect(evidence(after(one), 60_000)).toBeLessThan(ALARM);
  expect(evidence(after(two), 60_000)).toBeGreaterThan(ALARM);
});

test('an answer that was overdue is not counted as good when it comes', () => {
  const starts = after([
    { at: 1_200, answers: 0, slow: 6 },
    { at: 3_000, answers: 10 },
  ]);
  expect(starts.gathered).toEqual([
    { from: 0, good: 0, bad: 6 },
    { from: 3_000, good: 4, bad: 0 },
  ]);
  expect(starts.owed).toBe(0);
});

test('half seconds are kept in order, and those beyond the kept ones still count', () => {
  const steady = Array.from({ length: 400 }, (_, i) => ({ at: i * 250, answers: 10, slow: 5 }));
  const starts = after(steady);
  const froms = starts.gathered.map(({ from }) => from);
  expect(froms).toEqual(froms.toSorted((a, b) => a - b));
  expect(froms.length).toBeLessThanOrEqual(64);
  expect(evidence(starts, 200_000)).toBeGreaterThan(1e6);
});

test('a slow answer of long ago counts for the oldest half second that is kept', () => {
  const steady = Array.from({ length: 100 }, (_, i) => ({ at: i * 500, answers: 10 }));
  const starts = after([...steady, { at: 50_000, answers: 1, slow: 1, askedAt: 10 }]);
  expect(starts.gathered[0]?.bad).toBe(1);
});

import { beginSeries, MOST_POINTS, withSeen, type Series, type Seen } from '../../../domain/judge/series';

const seen = (at: number, change: Partial<Seen> = {}): Seen => ({
  at,
  weight: 10,
  newRelease: { requests: 10, errors: 1, p95Ms: 12.3456 },
  oldRelease: { requests: 90, errors: 0, p95Ms: 9 },
  ...change,
});
const sum = (column: readonly number[] | undefined): number =>
  (column ?? []).reduce((total, value) => total + value, 0);

/** A look four times a second, for so long. */
function watched(forMs: number, from: Series): Series {
  let series = from;
  for (let at = 250; at <= forMs; at += 250) series = withSeen(series, seen(at));
  return series;
}

test('looks of one bucket are added up, and its p95 is the last one read', () => {
  const begun = beginSeries(1_000, 60_000, true);
  const series = withSeen(withSeen(withSeen(begun, seen(200)), seen(400)), seen(1_200, { weight: 50 }));
  expect(series).toEqual({
    startedAt: 1_000,
    bucketMs: 1_000,
    at: [0, 1],
    weight: [10, 50],
    newRelease: { requests: [20, 10], errors: [2, 1], p95Ms: [12.3, 12.3] },
    oldRelease: { requests: [180, 90], errors: [0, 0], p95Ms: [9, 9] },
  });
});

test('without an old release there is nothing of one, and a bucket without answers has no p95', () => {
  const none = { requests: 0, errors: 0, p95Ms: null };
  const series = withSeen(beginSeries(0, 1_000, false), seen(0, { newRelease: none, oldRelease: null }));
  expect(series).toMatchObject({ oldRelease: null, newRelease: { requests: [0], p95Ms: [null] } });
});

test('time of which nothing was read leaves a gap', () => {
  const series = withSeen(withSeen(beginSeries(0, 60_000, true), seen(500)), seen(30_500));
  expect(series.at).toEqual([0, 30]);
});

test.each([
  ['as long as was meant', 600_000, 600_000],
  ['much longer than was meant', 15_000, 3_600_000],
])('a watch that goes on %s stays small and loses no request', (_name, meantMs, forMs) => {
  const series = watched(forMs, beginSeries(Date.now(), meantMs, true));
  expect(series.at.length).toBeLessThanOrEqual(MOST_POINTS);
  expect(series.at.length).toBeGreaterThan(MOST_POINTS / 3);
  expect(JSON.stringify(series).length).toBeLessThan(10_000);
  expect(sum(series.newRelease.requests)).toBe((forMs / 250) * 10);
  expect(sum(series.oldRelease?.requests)).toBe((forMs / 250) * 90);
  expect(series.weight).toHaveLength(series.at.length);
  expect(new Set(series.at).size).toBe(series.at.length);
  expect((series.at.at(-1) ?? 0) * series.bucketMs).toBeLessThanOrEqual(forMs);
});

test('of two buckets that become one the slower p95 stays', () => {
  let series = beginSeries(0, 1_000, true);
  for (let second = 0; second <= MOST_POINTS; second += 1)
    series = withSeen(
      series,
      seen(second * 1_000, { newRelease: { requests: 1, errors: 0, p95Ms: second % 2 === 0 ? second : null } }),
    );
  expect(series.bucketMs).toBe(2_000);
  expect(series.newRelease.p95Ms.slice(0, 3)).toEqual([0, 2, 4]);
});

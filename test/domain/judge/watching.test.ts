import type { ReleaseFigures, RouterState } from '../../../domain/host/router';
import { bucketOf, type Histogram } from '../../../domain/histogram';
import { alarm, ALPHA, NO_COUNTS } from '../../../domain/judge/judge';
import { beginJudging, judgeAnswered, judgeReading, trafficSince, type Judged } from '../../../domain/judge/watching';

const latencies = (...of: readonly (readonly [ms: number, count: number])[]): Histogram => ({
  counts: Object.fromEntries(of.map(([ms, count]) => [bucketOf(ms * 1_000), count])),
  total: of.reduce((sum, [, count]) => sum + count, 0),
});

const figures = (more: Partial<ReleaseFigures>): ReleaseFigures => ({
  requests: 0,
  inFlight: 0,
  streams: 0,
  statuses: {},
  connectErrors: 0,
  resets: 0,
  timeouts: 0,
  clientAborts: 0,
  slow: 0,
  latency: latencies(),
  clients: 0,
  clientsWithErrors: 0,
  ...more,
});

const state = (epoch: string, oldRelease: Partial<ReleaseFigures>, newRelease: Partial<ReleaseFigures>): RouterState =>
  ({ epoch, figures: { old: figures(oldRelease), new: figures(newRelease) } }) as unknown as RouterState;

const WATCHED = {
  release: 'new',
  oldRelease: 'old',
  objective: { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: ALPHA },
  errorStatuses: [429],
};

const FIRST = state(
  'a',
  { statuses: { 200: 100 }, latency: latencies([10, 95], [20, 5]) },
  { statuses: { 200: 4 }, latency: latencies([10, 4]) },
);
const SECOND = state(
  'a',
  {
    statuses: { 200: 118, 500: 2 },
    latency: latencies([10, 114], [20, 6]),
    routes: { '/': { answers: 20, errors: 2 } },
  },
  {
    statuses: { 200: 5, 429: 1 },
    connectErrors: 3,
    slow: 1,
    latency: latencies([10, 4], [30, 2]),
    routes: { '/': { answers: 5, errors: 3 } },
  },
);

test('both sides are counted since the last look, with routes, and slow as the old release itself defines it', () => {
  const first = trafficSince(null, { now: FIRST, before: null }, WATCHED);
  const { newSide, oldSide, refused } = trafficSince(first.last, { now: SECOND, before: FIRST }, WATCHED);
  expect(newSide).toMatchObject({ answers: 5, errors: 4, slow: 1, timed: 2, overP95: 2, overP99: 2 });
  expect(newSide.routes).toEqual({ '/': { answers: 5, errors: 3 } });
  expect(oldSide).toMatchObject({ answers: 20, errors: 2, timed: 20, overP95: 1, overP99: 0 });
  expect(refused).toBe(3);
});

test('another router process counts from zero, and nothing is said of its latencies at first', () => {
  const before = trafficSince(null, { now: FIRST, before: null }, WATCHED);
  const anew = state('b', { statuses: { 200: 9 } }, { statuses: { 200: 1 }, latency: latencies([10, 1]) });
  const { newSide, oldSide } = trafficSince(before.last, { now: anew, before: FIRST }, WATCHED);
  expect(newSide).toMatchObject({ answers: 1, timed: 0 });
  expect(oldSide).toMatchObject({ answers: 9, errors: 0 });
});

test('a router of an older version counts no routes, and without an old release there is nothing beside', () => {
  const { newSide, oldSide } = trafficSince(null, { now: SECOND, before: FIRST }, { ...WATCHED, oldRelease: null });
  expect(oldSide.answers).toBe(0);
  expect(newSide).toMatchObject({ answers: 9, timed: 0 });
  expect(trafficSince(null, { now: FIRST, before: null }, WATCHED).newSide.routes).toEqual({});
});

describe('answers that are overdue', () => {
  const looks = [{}, { overdue: 5, slow: 5 }, { overdue: 2, gaveUp: 3, slow: 5 }, { late: 2, gaveUp: 3, slow: 5 }].map(
    ({ late = 0, ...more }: Partial<ReleaseFigures> & { late?: number }, n) =>
      state(
        'a',
        { statuses: { 200: 100 + n }, latency: latencies([10, 95 + n], [20, 5]) },
        { statuses: { 200: 10 + late }, latency: latencies([10, 10], [3_000, late]), ...more },
      ),
  );
  const sides = looks.slice(1).map((now, n) => {
    const first = trafficSince(null, { now: looks[n] as RouterState, before: null }, WATCHED).last;
    return trafficSince(first, { now, before: looks[n] ?? null }, WATCHED).newSide;
  });

  test('are slow at once, and slower than the old release', () => {
    expect(sides[0]).toMatchObject({ answers: 0, errors: 0, slow: 5, timed: 5, overP95: 5, overP99: 5 });
  });

  test('are errors when the client has left, and are not counted as slow once more', () => {
    expect(sides[1]).toMatchObject({ answers: 3, errors: 3, slow: 0, timed: 0, overP95: 0 });
  });

  test('are answers when they come after all, and are not counted as slow once more', () => {
    expect(sides[2]).toMatchObject({ answers: 2, errors: 0, slow: 0, timed: 0, overP95: 0 });
  });
});

describe('a new release beside an old one', () => {
  const beside = (old: number, fresh: number): RouterState =>
    ({
      epoch: 'a',
      table: { weights: { old: 90, new: 10 } },
      figures: { old: figures({ statuses: { 500: old } }), new: figures({ statuses: { 500: fresh } }) },
    }) as unknown as RouterState;
  const NOBODY = { newRelease: NO_COUNTS, oldRelease: NO_COUNTS };

  test('is not held against the objective in a moment in which only it was asked, whatever the watch asks itself', () => {
    const watched = { ...WATCHED, mark: null };
    let judged: Judged = beginJudging(watched);
    let before: RouterState | null = null;
    // Both fail all the time, and take turns in being asked.
    for (let n = 1; n <= 40; n += 1) {
      const now = beside(30 * Math.floor(n / 2), 4 * Math.ceil(n / 2));
      const at = n * 250;
      const { judge, last } = judgeReading(judged, { at, now, before }, watched);
      judged = { judge: judgeAnswered(judge, { at, ...NOBODY }, watched), last };
      expect(alarm(judged.judge, watched.objective)).toBeNull();
      before = now;
    }
    expect(judged.judge.newRelease).toMatchObject({ answers: 80, errors: 80 });
  });
});

import type { WatchRequest } from '../../../activities/contract';
import { createRecorder } from '../../../activities/release/watch-series';
import { NO_ANSWERS } from '../../../domain/judge/comparing';
import { beginSeries, type Series } from '../../../domain/judge/series';
import { bucketOf } from '../../../domain/histogram';
import type { RouterState } from '../../../domain/host/router';

const REQUEST = { release: 'new', oldRelease: 'old' } as unknown as WatchRequest;

/** So many answers of 4 ms from each release since the router started. */
const reading = (answers: number, epoch = 'a'): RouterState => {
  const latency = { counts: { [bucketOf(4_000)]: answers }, total: answers };
  return {
    epoch,
    table: { weights: { old: 90, new: 10 } },
    figures: { new: { latency }, old: { latency } },
  } as unknown as RouterState;
};
const traffic = { newSide: { ...NO_ANSWERS, answers: 3, errors: 1 }, oldSide: { ...NO_ANSWERS, answers: 30 } };
const begun: Series = beginSeries(0, 60_000, true);

test('what two looks at the router have between them is written down', () => {
  const record = createRecorder(REQUEST);
  const first = record(begun, { at: 100, now: reading(5), before: null, traffic });
  const second = record(first, { at: 1_100, now: reading(9), before: reading(5), traffic });
  expect(second).toMatchObject({
    at: [0, 1],
    weight: [10, 10],
    newRelease: { requests: [3, 3], errors: [1, 1] },
    oldRelease: { requests: [30, 30], errors: [0, 0] },
  });
  expect(second.newRelease.p95Ms[0]).toBeNull();
  expect(second.newRelease.p95Ms[1]).toBeCloseTo(4, 0);
});

test('nothing is said of latencies over a restart of the router', () => {
  const record = createRecorder(REQUEST);
  const series = record(begun, { at: 100, now: reading(9, 'b'), before: reading(5, 'a'), traffic });
  expect(series.newRelease.p95Ms).toEqual([null]);
});

test('a repeated attempt goes on where the last one was', () => {
  const before = createRecorder(REQUEST)(begun, { at: 100, now: reading(5), before: null, traffic });
  const after = createRecorder(REQUEST)(before, { at: 20_000, now: reading(99), before: null, traffic });
  expect(after.at).toEqual([0, 20]);
});

test('a watch that is prolonged does not tell again what the watch before it saw', () => {
  const series = createRecorder(REQUEST)(begun, { at: 60_000, now: reading(5), before: null, traffic });
  expect(series.at).toEqual([]);
});

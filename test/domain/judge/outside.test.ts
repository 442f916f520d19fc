import {
  metricOpen,
  metricResults,
  metricStop,
  metricViews,
  NOTHING_SEEN,
  seeReading,
  type MetricSeen,
  type Reading,
} from '../../../domain/judge/outside';
import type { WatchMetricSpec } from '../../../domain/spec/spec';

const METRIC: WatchMetricSpec = {
  name: 'failed payments',
  prometheus: 'http://127.0.0.1:9090',
  query: 'x',
  max: 0.05,
  min: null,
  everyMs: 1_000,
  token: null,
};

/** One reading a second: a number, or why there is none. */
function seen(readings: readonly (number | string)[], metric = METRIC): MetricSeen {
  return readings.reduce<MetricSeen>((before, given, n) => {
    const reading: Reading =
      typeof given === 'number' ? { kind: 'figure', value: given } : { kind: 'none', reason: given };
    return seeReading(before, metric, { ...reading, at: (n + 1) * 1_000 });
  }, NOTHING_SEEN);
}

const stop = (readings: readonly (number | string)[], metric = METRIC) =>
  metricStop([metric], [seen(readings, metric)]);
const open = (readings: readonly (number | string)[], now: number) => metricOpen([METRIC], [seen(readings)], now);

test('two readings in a row beyond the limit end a watch, and say value, limit, readings and source', () => {
  expect(stop([0.01, 0.2])).toBeNull();
  expect(stop([0.2, 0.01, 0.3])).toBeNull();
  expect(stop([0.01, 0.2, 0.31234567])).toEqual({
    measure: 'failed payments',
    value: '0.3123',
    limit: 'at most 0.05',
    samples: 'two readings in a row: 0.2, 0.3123',
    source: 'Prometheus at http://127.0.0.1:9090',
  });
});

test('the limit itself is within; less than the least is beyond', () => {
  expect(stop([0.05, 0.05])).toBeNull();
  const least = { ...METRIC, max: null, min: 10 };
  expect(stop([10, 10], least)).toBeNull();
  expect(stop([9.9, 3], least)).toMatchObject({ value: '3', limit: 'at least 10' });
  expect(stop([6, 0], { ...METRIC, max: 5, min: 1 })).toMatchObject({ limit: 'between 1 and 5' });
});

test('a source that is away is never a failure, and forgives none', () => {
  expect(stop(['away', 'away', 'away'])).toBeNull();
  expect(stop([0.2, 'away', 'away'])).toBeNull();
  expect(stop([0.2, 'away', 0.2])).not.toBeNull();
});

test('it is never a pass either, until a good reading comes', () => {
  expect(metricOpen([METRIC], [], 0)).toMatchObject({ value: 'unknown: not read yet', samples: '0 readings' });
  expect(open(['the query returns nothing'], 1_000)).toMatchObject({ value: 'unknown: the query returns nothing' });
  expect(open(['away', 0.01], 2_000)).toBeNull();
});

test('a good reading counts for three times its interval, over a failure in between', () => {
  expect(open([0.01, 'away'], 4_000)).toBeNull();
  expect(open([0.01, 'away'], 4_001)).toMatchObject({ value: 'unknown: away', samples: '1 reading' });
});

test('after one reading beyond the limit the watch is open', () => {
  expect(open([0.01, 0.2], 2_000)).toMatchObject({ value: '0.2', samples: '2 readings' });
});

test('every metric counts, and each is shown as it is', () => {
  const metrics = [METRIC, { ...METRIC, name: 'orders', max: null, min: 1 }, { ...METRIC, name: 'load' }];
  const all = [seen([0.01]), seen([0], metrics[1]), seen([0.01, 'away'])];
  expect(metricOpen(metrics, all, 2_000)).toMatchObject({ measure: 'orders' });
  expect(metricViews(metrics, all)).toEqual([
    { name: 'failed payments', value: '0.01', limit: 'at most 0.05', state: 'within' },
    { name: 'orders', value: '0', limit: 'at least 1', state: 'beyond' },
    { name: 'load', value: 'unknown: away', limit: 'at most 0.05', state: 'unknown' },
  ]);
});

test('the end of a watch says what was asked, of whom, how often, and what the last figure was', () => {
  const metrics = [
    { ...METRIC, query: 'failed{release="$RELEASE"}' },
    { ...METRIC, name: 'load', query: 'load{app="$APP",environment="$ENVIRONMENT"}' },
    { ...METRIC, name: 'orders' },
  ];
  const all = [seen([0.01, 0.2, 0.31234567]), seen([0.01, 'away'])];
  const watch = { app: 'shop', environment: 'production', release: 'shop-1', startedAt: 1_000_000 };
  const source = 'Prometheus at http://127.0.0.1:9090';
  expect(metricResults(metrics, all, watch)).toMatchObject([
    { query: 'failed{release="shop-1"}', source, readings: 3, beyond: 2, last: { value: '0.3123', at: 1_003_000 } },
    {
      query: 'load{app="shop",environment="production"}',
      ...{ value: 'unknown: away', state: 'unknown', readings: 1, beyond: 0, last: { value: '0.01', at: 1_001_000 } },
    },
    { value: 'unknown: not read yet', readings: 0, last: null },
  ]);
});

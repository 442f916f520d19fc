import { randomInt } from 'node:crypto';
import { bucketOf, quantile } from '../../../domain/histogram';
import { Figures } from '../../../host/router/figures';
import { LatencyRecorder } from '../../../host/router/latency';
import { markOf, Sketch } from '../../../host/router/sketch';

const sketchOf = (addresses: readonly string[]): number => {
  const sketch = new Sketch();
  for (const address of addresses) sketch.add(markOf(address));
  return sketch.estimate();
};

test('a handful of clients is counted nearly exactly, however often they come', () => {
  const few = Array.from({ length: 20 }, (_, i) => `10.0.0.${i}`);
  const estimate = sketchOf([...few, ...few, ...few]);
  expect(Math.abs(estimate - 20)).toBeLessThanOrEqual(1);
  expect(sketchOf([])).toBe(0);
});

test.each([1_000, 20_000, 200_000])('%i clients are counted to within a tenth', (clients) => {
  const estimate = sketchOf(Array.from({ length: clients }, (_, i) => `client ${i}`));
  expect(Math.abs(estimate - clients) / clients).toBeLessThan(0.1);
});

test('the recorder counts into the buckets of the histogram in the domain', () => {
  const recorder = new LatencyRecorder();
  const values = Array.from({ length: 1_000 }, () => randomInt(0, 20_000_000));
  for (const value of values) recorder.record(value);
  const expected: Record<string, number> = {};
  for (const value of values) expected[bucketOf(value)] = (expected[bucketOf(value)] ?? 0) + 1;
  expect(recorder.read()).toEqual({ counts: expected, total: 1_000 });
  const median = [...values].sort((a, b) => a - b)[499] as number;
  expect(Math.abs((quantile(recorder.read(), 0.5) ?? 0) - median) / median).toBeLessThan(0.02);
});

test('the longest wait that can be recorded does not break the recorder', () => {
  const recorder = new LatencyRecorder();
  recorder.record(2 ** 52);
  recorder.record(-5);
  expect(recorder.read().total).toBe(2);
  expect(Object.keys(recorder.read().counts)).toHaveLength(2);
});

test('clients that saw an error are those of a 5xx, a reset, a time-out or a refused connection', () => {
  const figures = new Figures();
  const see = (address: string, act: (mark: ReturnType<typeof markOf>) => void): void => {
    const mark = markOf(address);
    figures.began(mark);
    act(mark);
  };
  see('1', (mark) => {
    figures.answered(503, 10, mark);
    figures.ended('answered', false, mark);
  });
  see('2', (mark) => figures.ended('reset', false, mark));
  see('3', (mark) => figures.ended('timeout', false, mark));
  see('4', (mark) => figures.ended('connect-error', false, mark));
  see('5', (mark) => figures.ended('client-abort', false, mark));
  see('6', (mark) => {
    figures.answered(404, 10, mark);
    figures.ended('answered', false, mark);
  });
  const read = figures.read();
  expect(read).toMatchObject({ requests: 6, inFlight: 0, statuses: { 404: 1, 503: 1 }, clients: 6 });
  expect(read).toMatchObject({ connectErrors: 1, resets: 1, timeouts: 1, clientAborts: 1, clientsWithErrors: 4 });
});

test("answers and errors are counted by route, and what was the client's doing is no error", () => {
  const figures = new Figures();
  figures.answeredOn('/item/1?x=1', 200, { micros: 900.4, isSlow: false });
  figures.answeredOn('/item/2', 503, { micros: 2_000_000, isSlow: true });
  figures.answeredOn('/cart', 404, { micros: 100, isSlow: false });
  figures.unanswered('reset', '/cart');
  figures.unanswered('client-abort', '/cart');
  expect(figures.read().routes).toEqual({
    '/item/:id': { answers: 2, errors: 1, slow: 1, micros: 2_000_900 },
    '/cart': { answers: 2, errors: 1, slow: 0, micros: 100 },
  });
});

test('more than 64 routes are counted together', () => {
  const figures = new Figures();
  const letters = (n: number): string => String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26));
  for (let n = 0; n < 100; n += 1) figures.answeredOn(`/${letters(n)}`, 200, { micros: 1, isSlow: false });
  const routes = figures.read().routes ?? {};
  expect(Object.keys(routes)).toHaveLength(65);
  expect(routes['(other)']).toMatchObject({ answers: 36, errors: 0 });
});

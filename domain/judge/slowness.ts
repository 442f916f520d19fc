/** "Slow" as the old release itself defines it: clearly above its own p95 and p99 so far. */
import { bucketOf, valueOf, type Histogram } from '../histogram';

/** Bucket numbers (`domain/histogram.ts`); an answer in a higher bucket is over. */
export interface Thresholds {
  readonly p95: number;
  readonly p99: number;
}

/** With fewer answers of the old release its p95 is a guess. */
const LEAST = 50;

/**
 * What is a little slower is no reason to go back, however certain it is: where all answers take the same time, one in a hundred more of
 * it lifts every answer above the p95. A fresh process is that much slower than one that has been running for days.
 */
export const MARGIN = 1.25;
/** Users do not feel less, and a busy machine does it to anybody. Microseconds, as all latencies of the router. */
const LEAST_MARGIN_MICROS = 5_000;

/** From all answers of the old release so far; null while there are too few. Only earlier answers may be in `old`. */
export function thresholdsOf(old: Histogram): Thresholds | null {
  if (old.total < LEAST) return null;
  const buckets = Object.keys(old.counts)
    .map(Number)
    .sort((a, b) => b - a);
  const above = (share: number): number => {
    let over = 0;
    for (const bucket of buckets) {
      over += old.counts[String(bucket)] ?? 0;
      if (over > share * old.total) return bucket;
    }
    return buckets[buckets.length - 1] ?? 0;
  };
  const clearlyAbove = (share: number): number => {
    const micros = valueOf(above(share));
    return bucketOf(Math.max(micros * MARGIN, micros + LEAST_MARGIN_MICROS));
  };
  return { p95: clearlyAbove(0.05), p99: clearlyAbove(0.01) };
}

export interface Over {
  readonly timed: number;
  readonly overP95: number;
  readonly overP99: number;
}

/** How many of these answers are over. */
export function countOver(latencies: Histogram, thresholds: Thresholds | null): Over {
  if (thresholds === null) return { timed: 0, overP95: 0, overP99: 0 };
  const over = (threshold: number): number =>
    Object.entries(latencies.counts).reduce(
      (sum, [bucket, count]) => (Number(bucket) > threshold ? sum + count : sum),
      0,
    );
  return { timed: latencies.total, overP95: over(thresholds.p95), overP99: over(thresholds.p99) };
}

/** One more value, in microseconds. */
export function addValue(histogram: { counts: Record<string, number>; total: number }, micros: number): void {
  const bucket = bucketOf(micros);
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  histogram.total += 1;
}

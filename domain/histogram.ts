/**
 * A log-linear histogram of whole non-negative numbers, as HdrHistogram (hdrhistogram.org) lays out its buckets: values are
 * exact up to 127, above that within 1/64 (1.6 %). Sparse and JSON-safe, so that two readings can be subtracted.
 */
export interface Histogram {
  /** Bucket index to count. */
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
}

const SUB_BUCKETS = 128;
const HALF = SUB_BUCKETS / 2;
const HIGHEST = 2 ** 40;

/** The bucket of a value; negative values count as 0, values over 2^40 as 2^40. */
export function bucketOf(value: number): number {
  const whole = Math.min(HIGHEST, Math.max(0, Math.round(value)));
  if (whole < SUB_BUCKETS) return whole;
  const shift = Math.floor(Math.log2(whole)) - Math.log2(HALF);
  return shift * HALF + Math.floor(whole / 2 ** shift);
}

/** The middle of a bucket. */
export function valueOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const shift = Math.floor(bucket / HALF) - 1;
  const lowest = (bucket - shift * HALF) * 2 ** shift;
  return lowest + (2 ** shift - 1) / 2;
}

export const EMPTY: Histogram = { counts: {}, total: 0 };

/** What was counted between two readings of one growing histogram. */
export function difference(later: Histogram, earlier: Histogram): Histogram {
  const counts: Record<string, number> = {};
  for (const [bucket, count] of Object.entries(later.counts)) {
    const more = count - (earlier.counts[bucket] ?? 0);
    if (more > 0) counts[bucket] = more;
  }
  return { counts, total: Math.max(0, later.total - earlier.total) };
}

/** The value below which `share` (0 to 1) of the counts lie; null without counts. */
export function quantile(histogram: Histogram, share: number): number | null {
  if (histogram.total === 0) return null;
  const wanted = Math.max(1, Math.ceil(share * histogram.total));
  let seen = 0;
  for (const bucket of Object.keys(histogram.counts)
    .map(Number)
    .sort((a, b) => a - b)) {
    seen += histogram.counts[String(bucket)] ?? 0;
    if (seen >= wanted) return valueOf(bucket);
  }
  return null;
}

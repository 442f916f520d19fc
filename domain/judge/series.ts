/**
 * The course of a watch for people to look at: what both releases answered, bucket by bucket. Columns instead of objects, and never
 * more than `MOST_POINTS` of them: it travels in heartbeats and results, and stays below 10 KB however long a watch goes on.
 */

/** Of one release, a value a bucket. */
export interface SideSeries {
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  /** Milliseconds, rounded to three digits; null without answers, or where no latencies were read. */
  readonly p95Ms: readonly (number | null)[];
}

export interface Series {
  /** Epoch milliseconds when the watch began. */
  readonly startedAt: number;
  readonly bucketMs: number;
  /** When each bucket begins, in buckets since the start; buckets of which nothing was read are left out. */
  readonly at: readonly number[];
  /** Weight set of the new release at the end of the bucket, in percent. The share measured follows from the requests. */
  readonly weight: readonly number[];
  readonly newRelease: SideSeries;
  readonly oldRelease: SideSeries | null;
}

/** What was seen of one release since the last look, and its p95 since its bucket began. */
export interface SeenSide {
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number | null;
}

export interface Seen {
  /** Milliseconds since the watch began. */
  readonly at: number;
  readonly weight: number;
  readonly newRelease: SeenSide;
  readonly oldRelease: SeenSide | null;
}

export const MOST_POINTS = 120;
const FEWEST_MS = 1_000;
/** A watch that goes on as long as was meant uses half of the points: less to merge, and room for one that is prolonged. */
const MEANT_POINTS = 60;

const NOTHING: SideSeries = { requests: [], errors: [], p95Ms: [] };

/**
 * An empty series.
 * @param startedAt epoch milliseconds.
 * @param forMs how long the watch is meant to go on; decides how wide a bucket is, at least a second.
 */
export function beginSeries(startedAt: number, forMs: number, hasOld: boolean): Series {
  const bucketMs = Math.max(FEWEST_MS, Math.ceil(forMs / MEANT_POINTS / FEWEST_MS) * FEWEST_MS);
  return { startedAt, bucketMs, at: [], weight: [], newRelease: NOTHING, oldRelease: hasOld ? NOTHING : null };
}

/** The bucket of a moment, in buckets since the watch began. */
export const seriesBucket = ({ bucketMs }: Series, at: number): number => Math.floor(at / bucketMs);

/** The series with what was seen; two buckets become one, everywhere, when there would be too many. */
export function withSeen(series: Series, seen: Seen): Series {
  const bucket = seriesBucket(series, seen.at);
  const isNew = series.at.at(-1) !== bucket;
  if (isNew && series.at.length === MOST_POINTS) return withSeen(halved(series), seen);
  const grown = isNew ? { ...series, at: [...series.at, bucket] } : series;
  return {
    ...grown,
    weight: put(series.weight, isNew, seen.weight),
    newRelease: withSide(series.newRelease, isNew, seen.newRelease),
    oldRelease:
      series.oldRelease === null || seen.oldRelease === null
        ? series.oldRelease
        : withSide(series.oldRelease, isNew, seen.oldRelease),
  };
}

function withSide({ requests, errors, p95Ms }: SideSeries, isNew: boolean, seen: SeenSide): SideSeries {
  const before = (column: readonly number[]): number => (isNew ? 0 : (column.at(-1) ?? 0));
  return {
    requests: put(requests, isNew, before(requests) + seen.requests),
    errors: put(errors, isNew, before(errors) + seen.errors),
    p95Ms: put(p95Ms, isNew, seen.p95Ms === null ? (isNew ? null : (p95Ms.at(-1) ?? null)) : threeDigits(seen.p95Ms)),
  };
}

const put = <T>(column: readonly T[], isNew: boolean, value: T): readonly T[] => [
  ...(isNew ? column : column.slice(0, -1)),
  value,
];

const threeDigits = (value: number): number => Number(value.toPrecision(3));

function halved(series: Series): Series {
  const at = series.at.map((bucket) => Math.floor(bucket / 2));
  const firsts = at.flatMap((bucket, index) => (at[index - 1] === bucket ? [] : [index]));
  const isPair = (index: number): boolean => at[index + 1] === at[index];
  const summed = (column: readonly number[]): number[] =>
    firsts.map((index) => (column[index] ?? 0) + (isPair(index) ? (column[index + 1] ?? 0) : 0));
  const side = ({ requests, errors, p95Ms }: SideSeries): SideSeries => ({
    requests: summed(requests),
    errors: summed(errors),
    p95Ms: firsts.map((index) => (isPair(index) ? slower(p95Ms[index], p95Ms[index + 1]) : (p95Ms[index] ?? null))),
  });
  return {
    ...series,
    bucketMs: series.bucketMs * 2,
    at: firsts.map((index) => at[index] ?? 0),
    weight: firsts.map((index) => series.weight[isPair(index) ? index + 1 : index] ?? 0),
    newRelease: side(series.newRelease),
    oldRelease: series.oldRelease && side(series.oldRelease),
  };
}

/** Of two p95 nothing exact follows for both together; the slower one hides nothing. */
function slower(one: number | null | undefined, other: number | null | undefined): number | null {
  if (one == null || other == null) return one ?? other ?? null;
  return Math.max(one, other);
}

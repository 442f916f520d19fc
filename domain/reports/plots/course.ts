/** The course of all watches of one environment, one after the other: both releases on one line of time. */
import type { DeploymentStatus } from '../../deployment';
import type { Series, SideSeries } from '../../judge/series';
import type { Tier } from '../../words';

export interface Point {
  /** Epoch milliseconds of the middle of the bucket. */
  readonly at: number;
  /** Set of the new release, and measured of it, in percent; measured is null where it was alone or nobody asked anything. */
  readonly weight: number;
  readonly measured: number | null;
  readonly newRelease: PointSide;
  readonly oldRelease: PointSide | null;
}

export interface PointSide {
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number | null;
}

export interface Course {
  readonly environment: Tier;
  readonly fromMs: number;
  readonly toMs: number;
  readonly points: readonly Point[];
}

/** One for each environment of which at least two points are known; results of older versions have none. */
export function courses({ watches }: Pick<DeploymentStatus, 'watches'>): readonly Course[] {
  const environments = [...new Set(watches.map(({ environment }) => environment))];
  return environments.flatMap((environment) => {
    const series = watches.flatMap((watch) =>
      watch.environment === environment && watch.series ? [watch.series] : [],
    );
    const points = series.flatMap(pointsOf).sort((a, b) => a.at - b.at);
    const [first] = series;
    const last = series.at(-1);
    if (points.length < 2 || first === undefined || last === undefined) return [];
    const toMs = last.startedAt + ((last.at.at(-1) ?? 0) + 1) * last.bucketMs;
    return [{ environment, fromMs: first.startedAt, toMs, points }];
  });
}

function pointsOf({ startedAt, bucketMs, at, weight, newRelease, oldRelease }: Series): Point[] {
  return at.map((bucket, index) => {
    const [ours, theirs] = [sideOf(newRelease, index), oldRelease && sideOf(oldRelease, index)];
    const total = ours.requests + (theirs?.requests ?? 0);
    return {
      at: startedAt + (bucket + 0.5) * bucketMs,
      weight: weight[index] ?? 0,
      measured: total === 0 || theirs === null ? null : (100 * ours.requests) / total,
      newRelease: ours,
      oldRelease: theirs,
    };
  });
}

const sideOf = ({ requests, errors, p95Ms }: SideSeries, index: number): PointSide => ({
  requests: requests[index] ?? 0,
  errors: errors[index] ?? 0,
  p95Ms: p95Ms[index] ?? null,
});

/** Share of errors in percent; null without answers. */
export const errorShare = (side: PointSide | null): number | null =>
  side === null || side.requests === 0 ? null : (100 * side.errors) / side.requests;

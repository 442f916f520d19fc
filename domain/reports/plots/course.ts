/** The course of all watches of one environment, one after the other: both releases on one line of time. */
import type { DeploymentStatus } from '../../deployment';
import type { WatchResult } from '../../judge/figures';
import type { SideSeries } from '../../judge/series';
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

/** One for each environment that users asked something; results of older versions have none. */
export function courses({ watches }: Pick<DeploymentStatus, 'watches'>): readonly Course[] {
  const environments = [...new Set(watches.map(({ environment }) => environment))];
  return environments.flatMap((environment) => {
    const here = watches.filter((watch) => watch.environment === environment);
    const series = here.flatMap((watch) => (watch.series ? [watch.series] : []));
    const points = here.flatMap(pointsOf).sort((a, b) => a.at - b.at);
    const [first] = series;
    const last = series.at(-1);
    const isSilent = points.every((point) => point.newRelease.requests + (point.oldRelease?.requests ?? 0) === 0);
    if (isSilent || points.length < 2 || first === undefined || last === undefined) return [];
    const toMs = last.startedAt + ((last.at.at(-1) ?? 0) + 1) * last.bucketMs;
    return [{ environment, fromMs: first.startedAt, toMs, points }];
  });
}

function pointsOf({ series, seconds }: Pick<WatchResult, 'series' | 'seconds'>): Point[] {
  if (series === undefined) return [];
  const { startedAt, bucketMs, at, weight, newRelease, oldRelease } = series;
  const points = at.map((bucket, index) => {
    const [ours, theirs] = [sideOf(newRelease, index), oldRelease && sideOf(oldRelease, index)];
    return pointOf(startedAt + (bucket + 0.5) * bucketMs, weight[index] ?? 0, [ours, theirs]);
  });
  const [before, last] = points.slice(-2);
  const lastMs = seconds * 1_000 - (at.at(-1) ?? 0) * bucketMs;
  if (before === undefined || last === undefined || lastMs > bucketMs / 2) return points;
  // So little of a bucket that its shares are chance.
  return [...points.slice(0, -2), joined(before, last)];
}

type Sides = readonly [newRelease: PointSide, oldRelease: PointSide | null];

function pointOf(at: number, weight: number, [newRelease, oldRelease]: Sides): Point {
  const total = newRelease.requests + (oldRelease?.requests ?? 0);
  const measured = total === 0 || oldRelease === null ? null : (100 * newRelease.requests) / total;
  return { at, weight, measured, newRelease, oldRelease };
}

function joined(before: Point, last: Point): Point {
  const ours = both(before.newRelease, last.newRelease);
  const theirs = before.oldRelease && last.oldRelease && both(before.oldRelease, last.oldRelease);
  return pointOf(before.at, last.weight, [ours, theirs]);
}

const both = (one: PointSide, other: PointSide): PointSide => ({
  requests: one.requests + other.requests,
  errors: one.errors + other.errors,
  p95Ms: one.p95Ms ?? other.p95Ms,
});

const sideOf = ({ requests, errors, p95Ms }: SideSeries, index: number): PointSide => ({
  requests: requests[index] ?? 0,
  errors: errors[index] ?? 0,
  p95Ms: p95Ms[index] ?? null,
});

/** Share of errors in percent; null without answers. */
export const errorShare = (side: PointSide | null): number | null =>
  side === null || side.requests === 0 ? null : (100 * side.errors) / side.requests;

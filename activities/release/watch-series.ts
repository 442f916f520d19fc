/** Writes down the course of a watch while it goes on; only for people, nothing is decided by it. */
import { difference, EMPTY, quantile } from '../../domain/histogram';
import type { RouterState } from '../../domain/host/router';
import { seriesBucket, withSeen, type SeenSide, type Series } from '../../domain/judge/series';
import type { WatchRequest } from '../contract';
import type { Traffic } from '../../domain/judge/watching';

export interface Read {
  /** Milliseconds since the watch began. */
  readonly at: number;
  readonly now: RouterState;
  /** The reading before, where this attempt has one. */
  readonly before: RouterState | null;
  readonly traffic: Pick<Traffic, 'newSide' | 'oldSide'>;
}

/** Answers a function that adds what was read to a series. Latencies of a bucket are those since its first reading in this attempt. */
export function createRecorder({ release, oldRelease }: WatchRequest): (series: Series, read: Read) => Series {
  let from: { readonly bucket: number; readonly reading: RouterState | null } | null = null;
  return (series, { at, now, before, traffic }) => {
    // A watch that is prolonged counts from the mark again; what came before it began stands in the series of the watch before.
    if (before === null && series.at.length === 0 && at >= series.bucketMs) return series;
    const bucket = seriesBucket(series, at);
    if (from?.bucket !== bucket) from = { bucket, reading: before };
    const { reading } = from;
    const side = (name: string, { answers, errors }: { answers: number; errors: number }): SeenSide => ({
      requests: answers,
      errors,
      p95Ms: p95Since(now, reading, name),
    });
    return withSeen(series, {
      at,
      weight: now.table.weights[release] ?? 0,
      newRelease: side(release, traffic.newSide),
      oldRelease: oldRelease === null ? null : side(oldRelease, traffic.oldSide),
    });
  };
}

function p95Since(now: RouterState, before: RouterState | null, release: string): number | null {
  if (before?.epoch !== now.epoch) return null;
  const latency = difference(now.figures[release]?.latency ?? EMPTY, before.figures[release]?.latency ?? EMPTY);
  const microseconds = quantile(latency, 0.95);
  return microseconds === null ? null : microseconds / 1_000;
}

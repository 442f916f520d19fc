/** Where a watch stands: travels in its heartbeats, so that an attempt after a crash goes on from it. */
import type { ResourceReading } from '../../domain/judge/hard-stops';
import type { MetricSeen } from '../../domain/judge/outside';
import { beginSeries, type Series } from '../../domain/judge/series';
import { beginJudging, type Judged } from '../../domain/judge/watching';
import type { WatchRequest } from '../contract';
import { watchedBy } from './watched-by';

export interface WatchState extends Judged {
  /** Milliseconds since the watch began. */
  readonly watchedMs: number;
  readonly real: number;
  readonly own: number;
  readonly refusedInARow: number;
  /** Restarts of each instance when the watch began. */
  readonly restartsBefore: Readonly<Record<string, number>> | null;
  readonly resources: readonly ResourceReading[];
  readonly firstBadAt: number | null;
  readonly lastBadAt: number | null;
  /** By the place of the metric in the spec; absent in a heartbeat of an older worker. */
  readonly metrics?: readonly MetricSeen[];
  /** Absent in a heartbeat of an older worker. */
  readonly series?: Series;
}

/** The beginning: everything since the mark counts, also what came while no watch was there. */
export function beginWatch(request: WatchRequest): WatchState {
  return {
    watchedMs: 0,
    ...beginJudging(watchedBy(request)),
    real: 0,
    own: 0,
    refusedInARow: 0,
    restartsBefore: null,
    resources: [],
    firstBadAt: null,
    lastBadAt: null,
    series: beginSeries(request.startedAt, request.forMs, request.oldRelease !== null),
  };
}

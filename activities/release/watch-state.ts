/** Where a watch stands: travels in its heartbeats, so that an attempt after a crash goes on from it. */
import type { ResourceReading } from '../../domain/judge/hard-stops';
import type { MetricSeen } from '../../domain/judge/outside';
import { JUDGE_START, type JudgeState } from '../../domain/judge/judge';
import { countersOf, type Counters, type Mark } from '../../domain/judge/readings';
import { beginSeries, type Series } from '../../domain/judge/series';
import type { WatchRequest } from '../contract';

export interface WatchState {
  /** Milliseconds since the watch began. */
  readonly watchedMs: number;
  readonly judge: JudgeState;
  /** Counters of both releases at the last look, and the router process that counted. */
  readonly last: { readonly epoch: string; readonly newRelease: Counters; readonly oldRelease: Counters } | null;
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
export function beginWatch(mark: Mark | null, request: WatchRequest): WatchState {
  const { errorStatuses } = request.environment.watch;
  const at = (release: string | null): Counters =>
    countersOf(release === null ? undefined : mark?.releases[release], errorStatuses);
  return {
    watchedMs: 0,
    judge: JUDGE_START,
    last: mark && { epoch: mark.epoch, newRelease: at(request.release), oldRelease: at(request.oldRelease) },
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

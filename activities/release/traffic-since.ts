/** What the router counted for both releases between two looks. */
import type { RouterState } from '../../domain/host/router';
import type { Side } from '../../domain/judge/comparing';
import { countersOf, countersSince, sideOf, type Counters } from '../../domain/judge/readings';
import { thresholdsOf } from '../../domain/judge/slowness';
import { difference, EMPTY, type Histogram } from '../../domain/histogram';
import type { WatchRequest } from '../contract';
import type { WatchState } from './watch-state';

export interface Traffic {
  readonly newSide: Side;
  readonly oldSide: Side;
  /** Connections of the new release that no instance took. */
  readonly refused: number;
  readonly last: NonNullable<WatchState['last']>;
}

/**
 * @param last counters at the last look; of another router process they count from zero.
 * @param readings the router now, and the reading before, where there is one: without it nothing is said of latencies this time.
 */
export function trafficSince(
  last: WatchState['last'],
  { now, before }: { readonly now: RouterState; readonly before: RouterState | null },
  { release, oldRelease, environment: { watch } }: WatchRequest,
): Traffic {
  const earlier = last?.epoch === now.epoch ? last : null;
  const reading = before?.epoch === now.epoch ? before : null;
  const counters = (name: string | null): Counters =>
    countersOf(name === null ? undefined : now.figures[name], watch.errorStatuses);
  const latencies = (name: string | null): Histogram | null =>
    reading === null || name === null
      ? null
      : difference(now.figures[name]?.latency ?? EMPTY, reading.figures[name]?.latency ?? EMPTY);
  const thresholds = oldRelease === null ? null : thresholdsOf(reading?.figures[oldRelease]?.latency ?? EMPTY);
  const slow = { thresholds, overdueMs: watch.responseMs };
  const [ours, theirs] = [counters(release), counters(oldRelease)];
  const since = countersSince(ours, earlier?.newRelease ?? null);
  return {
    newSide: sideOf(since, latencies(release), slow),
    oldSide: sideOf(countersSince(theirs, earlier?.oldRelease ?? null), latencies(oldRelease), slow),
    refused: since.refused,
    last: { epoch: now.epoch, newRelease: ours, oldRelease: theirs },
  };
}

/** What a watch says at its end, or would say if it ended now. */
import type { RouterState } from '../../domain/host/router';
import { aboveLimit, conclude } from '../../domain/judge/conclude';
import type { Figures } from '../../domain/judge/figures';
import { whyOf } from '../../domain/judge/finding';
import { ALPHA, type Objective } from '../../domain/judge/judge';
import { metricOpen } from '../../domain/judge/outside';
import { figuresSince, type Mark } from '../../domain/judge/readings';
import type { JudgeVerdict, Why } from '../../domain/words';
import type { WatchRequest } from '../contract';
import { metricsOf } from './metric-rounds';
import type { WatchState } from './watch-state';

/** A router that was not read for so long is no source: what was seen before it is no pass for the time since. */
const UNREAD_MS = 5_000;

export interface End {
  readonly verdict: JudgeVerdict;
  readonly why: Why | null;
}

interface Seen {
  readonly state: WatchState;
  readonly router: RouterState | null;
  /** Milliseconds since the router was read. */
  readonly unreadMs: number;
}

export function endOfWatch(request: WatchRequest, { state, router, unreadMs }: Seen): End {
  const { verdict, finding } = conclude(state.judge, objectiveOf(request));
  const end = withOutside({ verdict, why: finding && whyOf(finding) }, state, request);
  return unread(unreadMs) ?? (router === null ? end : withinLimits(end, router, request));
}

export function objectiveOf({ environment: { watch } }: WatchRequest): Objective {
  const { errors, slow, responseMs, minimum } = watch;
  return { errors, slow, responseMs, minimum, alpha: ALPHA };
}

/** A release that the judge calls healthy is so when every metric from outside says the same. */
function withOutside(end: End, state: WatchState, request: WatchRequest): End {
  if (end.verdict !== 'healthy') return end;
  const open = metricOpen(metricsOf(request), state.metrics ?? [], state.watchedMs);
  return open === null ? end : { verdict: 'inconclusive', why: open };
}

/** What the router counted itself has the last word: whatever the judge was fed with, a share above its limit is not healthy. */
function withinLimits(end: End, router: RouterState, request: WatchRequest): End {
  if (end.verdict !== 'healthy') return end;
  const span = { state: router, mark: request.mark as Mark | null };
  const { errorStatuses } = request.environment.watch;
  const figures = (release: string): Figures => figuresSince(span, release, errorStatuses);
  if (request.oldRelease !== null && figures(request.oldRelease).requests > 0) return end;
  const above = aboveLimit(figures(request.release), objectiveOf(request));
  return above === null ? end : { verdict: 'inconclusive', why: whyOf(above) };
}

function unread(ms: number): End | null {
  if (ms < UNREAD_MS) return null;
  const value = `not read for ${Math.round(ms / 1_000)} s`;
  const why = {
    measure: 'the router',
    value,
    limit: 'read four times a second',
    samples: 'no reading',
    source: 'router',
  };
  return { verdict: 'inconclusive', why };
}

/** What a watch says at its end, or would say if it ended now. */
import type { RouterState } from '../../domain/host/router';
import { whyOf } from '../../domain/judge/finding';
import { metricOpen } from '../../domain/judge/outside';
import { verdictOf } from '../../domain/judge/watching';
import type { JudgeVerdict, Why } from '../../domain/words';
import type { WatchRequest } from '../contract';
import { metricsOf } from './metric-rounds';
import { watchedBy } from './watched-by';
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
  const { verdict, finding } = verdictOf(state.judge, router, watchedBy(request));
  return unread(unreadMs) ?? withOutside({ verdict, why: finding && whyOf(finding) }, state, request);
}

/** A release that the judge calls healthy is so when every metric from outside says the same. */
function withOutside(end: End, state: WatchState, request: WatchRequest): End {
  if (end.verdict !== 'healthy') return end;
  const open = metricOpen(metricsOf(request), state.metrics ?? [], state.watchedMs);
  return open === null ? end : { verdict: 'inconclusive', why: open };
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

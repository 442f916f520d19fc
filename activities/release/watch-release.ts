/**
 * Watches a release that has traffic: polls the router, asks the judge, renews the lease, and on `unhealthy` gives the traffic back
 * itself, before it reports. Repeatable: an attempt after a crash goes on from the last heartbeat. Cancelled, it ends with what it knows.
 */
import { Context, heartbeat } from '@temporalio/activity';
import type { WatchRequest } from '../contract';
import type { WatchProgress } from '../facts-contract';
import { NO_FIGURES, type Figures, type WatchResult } from '../../domain/judge/figures';
import type { RouterState } from '../../domain/host/router';
import { metricResults, metricViews } from '../../domain/judge/outside';
import { figuresSince, sharesSince, type Mark } from '../../domain/judge/readings';
import { percent } from '../../domain/numbers';
import { whySentence } from '../../domain/reports/sentence';
import { count } from '../../domain/reports/words';
import { LEASE_SECONDS } from '../../domain/lease';
import type { Why } from '../../domain/words';
import type { ReleaseDeps } from './deps';
import { metricsOf, watchedOf } from './metric-rounds';
import { routeOf } from './route';
import type { End } from './watch-end';
import { createWatch, type Watch } from './watch-rounds';
import { beginWatch, type WatchState } from './watch-state';

const POLL_MS = 250;
const HEARTBEAT_MS = 500;
const RENEW_MS = 2_000;
/** Whoever begins late, or again, looks for so long all the same, or for the whole of a shorter watch. */
const LEAST_MS = 5_000;
/** Requests of the watch itself that are under way at its end are waited for, so long at most. */
const ANSWERS_MS = 10_000;

export async function watchRelease(deps: ReleaseDeps, request: WatchRequest): Promise<WatchResult> {
  const begun = beginWatch(request);
  const beat = Context.current().info.heartbeatDetails as WatchProgress | undefined;
  const state = (beat?.resume as WatchState | undefined) ?? begun;
  const watch = createWatch(deps, request, state);
  try {
    const end = await rounds(deps, request, watch);
    watch.recordEnd(end);
    return await report(deps, request, { watch, ...end });
  } finally {
    await watch.close();
  }
}

async function rounds(deps: ReleaseDeps, request: WatchRequest, watch: Watch): Promise<End> {
  const renewal = every(RENEW_MS);
  const beating = every(HEARTBEAT_MS);
  const begun = performance.now();
  const leastMs = Math.min(LEAST_MS, request.forMs);
  for (;;) {
    if (renewal.isDue()) {
      const lost = await renewLease(deps, request);
      if (lost !== null) return { verdict: 'unhealthy', why: lost };
    }
    const why = await watch.look();
    if (why !== null) return { verdict: 'unhealthy', why };
    if (beating.isDue()) heartbeat(progress(request, watch));
    const open = watch.conclude();
    if (request.mode === 'hold' && open.verdict === 'healthy') return open;
    const overMs = Math.min(watch.state().watchedMs - request.forMs, performance.now() - begun - leastMs);
    if (overMs >= (watch.isAsking() ? ANSWERS_MS : 0)) return open;
    if (await isToldToEnd()) return watch.conclude();
  }
}

/** After the pause between two looks. @throws CancelledFailure when it is not the workflow that ends it, so that another attempt goes on. */
async function isToldToEnd(): Promise<boolean> {
  const context = Context.current();
  try {
    await context.sleep(POLL_MS);
    return false;
  } catch (error) {
    if (context.cancellationDetails?.cancelRequested === true) return true;
    throw error;
  }
}

/** null: the lease holds (or none is needed, or the router is away for a moment, which the next look shows). */
async function renewLease({ traffic }: ReleaseDeps, request: WatchRequest): Promise<Why | null> {
  if (request.oldRelease === null) return null;
  const held = await traffic.lease(routeOf(request), { kind: 'renew', holder: request.holder, seconds: LEASE_SECONDS });
  if (held) return null;
  return {
    measure: LEASE,
    value: 'ran out',
    limit: `renewed every ${LEASE_SECONDS} s`,
    samples: 'the router gave the traffic back by itself',
    source: 'router',
  };
}

async function report(
  deps: ReleaseDeps,
  request: WatchRequest,
  end: End & { readonly watch: Watch },
): Promise<WatchResult> {
  const { watch, verdict, why } = end;
  const decidedAt = Date.now();
  const givenBack = verdict === 'unhealthy' && (why?.measure === LEASE || (await giveBack(deps, request)));
  const { real, own, firstBadAt, lastBadAt, watchedMs, series, metrics } = watch.state();
  return {
    verdict,
    reason: why === null ? `healthy: ${healthyWords(request, watch.state())}` : `${verdict}: ${whySentence(why)}`,
    why,
    ...figures(request, watch.router()),
    real,
    own,
    givenBack,
    firstBadAt,
    lastBadAt,
    seconds: watchedMs / 1000,
    decidedAt,
    ...(givenBack && { givenBackAt: Date.now() }),
    ...(series && { series }),
    metrics: metricResults(metricsOf(request), metrics ?? [], { ...watchedOf(request), startedAt: request.startedAt }),
  };
}

/** As a halt says it: value, limit, samples and source. */
function healthyWords({ environment }: WatchRequest, { judge, real, own }: WatchState): string {
  const { answers, errors } = judge.newRelease;
  if (answers === 0) return `${real + own} answers`;
  return whySentence({
    measure: 'errors',
    value: percent(errors, answers),
    limit: percent(environment.watch.errors, 1),
    samples: `${count(errors)} of ${count(answers)} answers`,
    source: real === 0 ? 'requests of the watch itself' : 'router',
  });
}

/** The lease is not ours: the traffic went back by itself, or another deployment has its hand on the weights. */
const LEASE = 'lease';

/** At once; the saga sets the same weights again afterwards, so a failure here is not the last word. */
async function giveBack({ traffic }: ReleaseDeps, request: WatchRequest): Promise<boolean> {
  if (request.oldRelease === null) return false;
  try {
    await traffic.setWeights(routeOf(request), { releases: {}, weights: { [request.oldRelease]: 100 }, lease: null });
    return true;
  } catch (error) {
    Context.current().log.warn('the watch could not give the traffic back; the undo will', { error });
    return false;
  }
}

function figures(
  request: WatchRequest,
  router: RouterState | null,
): { newRelease: Figures; oldRelease: Figures | null } {
  const of = (release: string): Figures =>
    router === null
      ? NO_FIGURES
      : figuresSince(
          { state: router, mark: request.mark as Mark | null },
          release,
          request.environment.watch.errorStatuses,
        );
  return { newRelease: of(request.release), oldRelease: request.oldRelease === null ? null : of(request.oldRelease) };
}

function progress(request: WatchRequest, watch: Watch): WatchProgress {
  const router = watch.router();
  const { real, own, watchedMs } = watch.state();
  return {
    kind: 'watch',
    weights: router?.table.weights ?? {},
    measured: router === null ? {} : sharesSince(router, request.mark as Mark | null),
    ...figures(request, router),
    real,
    own,
    untilMs: Date.now() + request.forMs - watchedMs,
    metrics: metricViews(metricsOf(request), watch.state().metrics ?? []),
    resume: watch.state(),
  };
}

/** True at first, and then again each time that so many milliseconds have passed. */
function every(ms: number): { isDue(): boolean } {
  let last = -Infinity;
  return {
    isDue: () => {
      const now = performance.now();
      if (now - last < ms) return false;
      last = now;
      return true;
    },
  };
}

/** From the router's growing counters to what happened between two looks. */
import type { ReleaseFigures, RouterState } from '../host/router';
import { bucketOf, difference, EMPTY, quantile, type Histogram } from '../histogram';
import type { Figures } from './figures';
import { NO_ANSWERS, type RouteCount, type Side } from './comparing';
import { countOver, type Over, type Thresholds } from './slowness';

/** The counters at one moment. Those of another router process (`epoch`) start from zero and are not comparable. */
export interface Mark {
  readonly epoch: string;
  readonly releases: Readonly<Record<string, ReleaseFigures>>;
}

export interface Counters {
  readonly answers: number;
  readonly errors: number;
  readonly slow: number;
  readonly refused: number;
  /** Overdue now, or for ever: as slow as can be, and in no histogram. Goes down when a late answer comes after all. */
  readonly late: number;
  readonly routes: Readonly<Record<string, RouteCount>>;
}

const NONE: Counters = { answers: 0, errors: 0, slow: 0, refused: 0, late: 0, routes: {} };

export const markOf = (state: RouterState): Mark => ({ epoch: state.epoch, releases: state.figures });

/** Errors are 5xx, no answer, and the statuses that the spec lists; a client that went away is neither good nor bad. */
export function countersOf(figures: ReleaseFigures | undefined, errorStatuses: readonly number[]): Counters {
  if (figures === undefined) return NONE;
  const tooLate = figures.timeouts + (figures.gaveUp ?? 0);
  const noAnswer = figures.connectErrors + figures.resets + tooLate;
  let answers = noAnswer;
  let errors = noAnswer;
  for (const [status, count] of Object.entries(figures.statuses)) {
    answers += count;
    if (Number(status) >= 500 || errorStatuses.includes(Number(status))) errors += count;
  }
  const late = (figures.overdue ?? 0) + tooLate;
  return { answers, errors, slow: figures.slow, refused: figures.connectErrors, late, routes: figures.routes ?? {} };
}

/** What was counted since `before`; everything, when the router started anew in between. */
export function countersSince(now: Counters, before: Counters | null): Counters {
  const from = before ?? NONE;
  const more = (name: 'answers' | 'errors' | 'slow' | 'refused'): number => Math.max(0, now[name] - from[name]);
  return {
    answers: more('answers'),
    errors: more('errors'),
    slow: more('slow'),
    refused: more('refused'),
    late: now.late - (from.late ?? 0),
    routes: routesSince(now.routes, from.routes),
  };
}

function routesSince(now: Counters['routes'], before: Counters['routes']): Counters['routes'] {
  const changed = Object.entries(now).map(([route, { answers, errors }]) => {
    const from = before[route] ?? { answers: 0, errors: 0 };
    return [route, { answers: answers - from.answers, errors: errors - from.errors }] as const;
  });
  return Object.fromEntries(changed.filter(([, { answers }]) => answers > 0));
}

/** What an answer is slow by: the old release's percentiles (null: not known yet), and when it is overdue. */
export interface Slow {
  readonly thresholds: Thresholds | null;
  readonly overdueMs: number;
}

/** As the judge takes it. Without an earlier reading of the latencies nothing is said of them. */
export const sideOf = (since: Counters, latencies: Histogram | null, slow: Slow): Side => ({
  ...NO_ANSWERS,
  answers: since.answers,
  errors: since.errors,
  slow: since.slow,
  routes: since.routes,
  ...(latencies === null ? {} : withLate(countOver(latencies, slow.thresholds), since.late, slow)),
});

/** What is overdue is slower than all that was answered. When it is answered after all it stands in the histogram, and here no more. */
function withLate({ timed, overP95, overP99 }: Over, late: number, { thresholds, overdueMs }: Slow): Over {
  const bucket = bucketOf(overdueMs * 1_000);
  if (thresholds === null || bucket <= thresholds.p99) return { timed, overP95, overP99 };
  const all = Math.max(0, timed + late);
  const over = (count: number): number => Math.min(all, Math.max(0, count + late));
  return { timed: all, overP95: over(overP95), overP99: over(overP99) };
}

/** Two moments between which is counted: the router now, and the mark; null: since the router started. */
export interface Span {
  readonly state: Pick<RouterState, 'epoch' | 'figures'>;
  readonly mark: Mark | null;
}

/** Figures of one release between the mark and now, as people see them. */
export function figuresSince({ state, mark }: Span, release: string, errorStatuses: readonly number[]): Figures {
  const now = state.figures[release];
  const before = mark !== null && mark.epoch === state.epoch ? mark.releases[release] : undefined;
  const block = countersSince(countersOf(now, errorStatuses), countersOf(before, errorStatuses));
  const latency = now === undefined ? EMPTY : difference(now.latency, before?.latency ?? EMPTY);
  const inMs = (microseconds: number | null): number | null => (microseconds === null ? null : microseconds / 1000);
  return {
    requests: block.answers,
    errors: block.errors,
    slow: block.slow,
    inFlight: now?.inFlight ?? 0,
    p50Ms: inMs(quantile(latency, 0.5)),
    p95Ms: inMs(quantile(latency, 0.95)),
    clients: now?.clients ?? 0,
    clientsWithErrors: now?.clientsWithErrors ?? 0,
  };
}

/** Share of the requests since the mark (null: since the weights last changed) by release, in percent; empty without requests. */
export function sharesSince(state: RouterState, mark: Mark | null): Record<string, number> {
  const counts = Object.entries(state.figures).map(([release, figures]) => {
    const marked = mark !== null && mark.epoch === state.epoch ? (mark.releases[release]?.requests ?? 0) : 0;
    const before = mark === null ? (state.requestsBefore?.[release] ?? 0) : marked;
    return [release, Math.max(0, figures.requests - before)] as const;
  });
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return total === 0 ? {} : Object.fromEntries(counts.map(([release, count]) => [release, (100 * count) / total]));
}

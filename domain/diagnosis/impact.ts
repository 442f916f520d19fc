/** Whom it hit: what the router counted for the new release, and estimated of its clients. */
import type { ReleaseFigures } from '../host/router';
import type { Figures } from '../judge/figures';
import { countersOf, countersSince, type Mark } from '../judge/readings';
import type { Impact } from './answer';

const MOST_ROUTES = 10;

/** What became of a release's requests while it was taken away. */
export interface LastRequests {
  /** Those that ended then, the cut ones among them. */
  readonly requests: number;
  readonly failed: number;
  readonly cut: number;
}

interface Counted {
  readonly release: string;
  readonly figures: ReleaseFigures | null;
  /** The router process that counted, and its counters when the release got traffic; null: from zero. */
  readonly epoch: string | null;
  readonly mark: Mark | null;
  readonly errorStatuses: readonly number[];
}

/** null: nobody counted, or there was no request. */
export function impactOf({ release, figures, epoch, mark, errorStatuses }: Counted): Impact | null {
  if (figures === null) return null;
  const before = mark !== null && mark.epoch === epoch ? mark.releases[release] : undefined;
  const since = countersSince(countersOf(figures, errorStatuses), countersOf(before, errorStatuses));
  const waiting = figures.overdue ?? 0;
  if (since.answers + waiting === 0) return null;
  const routes = Object.entries(since.routes).map(([route, { answers, errors }]) => ({
    route,
    requests: answers,
    failed: errors,
  }));
  return {
    requests: since.answers,
    failed: since.errors,
    ...(waiting === 0 ? {} : { waiting }),
    clients: figures.clients,
    // Two estimates: the part is never said to be more than the whole.
    clientsAffected: Math.min(figures.clients, figures.clientsWithErrors),
    routes: routes.sort((a, b) => b.failed - a.failed || b.requests - a.requests).slice(0, MOST_ROUTES),
  };
}

/** With those that hung when the release was looked at: by now they have ended, one way or another. */
export function withLast(impact: Impact | null, last: LastRequests | undefined): Impact | null {
  if (last === undefined) return impact;
  const { waiting: _ended, ...known } = impact ?? NOBODY;
  const [requests, failed] = [known.requests + last.requests, known.failed + last.failed];
  return requests === 0 ? null : { ...known, requests, failed, ...(last.cut === 0 ? {} : { cut: last.cut }) };
}

const NOBODY: Impact = { requests: 0, failed: 0, clients: null, clientsAffected: null, routes: [] };

/** What the last watch had counted, where the router has forgotten the release already; routes are not known then. */
export const impactOfWatch = ({ requests, errors, clients, clientsWithErrors }: Figures): Impact | null =>
  requests === 0
    ? null
    : { requests, failed: errors, clients, clientsAffected: Math.min(clients, clientsWithErrors), routes: [] };

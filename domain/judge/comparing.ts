/** What is compared between two releases: errors, answers clearly slower than the old release's p95 and p99, and errors route by route. */
import { addPair, beginEvidence, ONE_BY_ONE, valueOf, type Evidence, type Method } from './evidence';
import type { Pair } from './odds';
import type { SlowAt } from './slow-starts';

/** Answers of one release in one moment. */
export interface Side {
  readonly answers: number;
  /** 5xx, no answer, and statuses that the spec lists. */
  readonly errors: number;
  /** Slower than the objective, or overdue by it since the moment before. */
  readonly slow: number;
  /** When these were asked for, where that is known; else they count as just overdue. */
  readonly slowAt?: readonly SlowAt[];
  /** Answers with a time, and of these the ones clearly above the old release's p95 and p99 so far; 0 while these are not known. */
  readonly timed: number;
  readonly overP95: number;
  readonly overP99: number;
  readonly routes: Readonly<Record<string, RouteCount>>;
}

export interface RouteCount {
  readonly answers: number;
  readonly errors: number;
}

export const NO_ANSWERS: Side = { answers: 0, errors: 0, slow: 0, timed: 0, overP95: 0, overP99: 0, routes: {} };

/** State of all comparisons: plain numbers, small enough for a heartbeat. */
export interface Comparing {
  readonly errors: Evidence;
  readonly overP95: Evidence;
  readonly overP99: Evidence;
  readonly routes: Readonly<Record<string, Evidence>>;
  /** Of the requests that the watch sends itself, the same ones to both: users' requests are others, and not mixed with them. */
  readonly own: Evidence;
}

/** Errors are rare and their ratio may be anything. */
const ERRORS: Method = { ...ONE_BY_ONE, ratios: [2, 4, 8, 16, 32, 64, 256], patience: 50 };
/**
 * Two seconds of slow answers at least: a process that stalls once, for whatever reason, is no slower release. Nor is one whose answers
 * are slow twice as often: a process that has just begun, on little traffic, is that much slower than one that is warm.
 */
const SLOW = { ratios: [4, 8, 16, 32, 64], tolerated: 2, clumps: { forMs: 500, most: 3 } } as const;
const OVER_P95: Method = { ...SLOW, patience: 500 };
const OVER_P99: Method = { ...SLOW, patience: 100 };
const OWN: Method = { ...ONE_BY_ONE, ratios: [4, 16, 64, 256], patience: 20 };
const ROUTE: Method = { ...ONE_BY_ONE, ratios: [4, 16, 64, 256], patience: 20 };

/** Shares of alpha. They add up to 1, and so the chance of any false alarm stays below alpha. */
const SHARES = { errors: 0.7, overP95: 0.075, overP99: 0.075, routes: 0.075, own: 0.075 } as const;
/** So many routes are looked at one by one; further ones count only in the whole. Each has the same part of its share. */
const MOST_ROUTES = 32;

export const BEGIN_COMPARING: Comparing = {
  errors: beginEvidence(ERRORS),
  overP95: beginEvidence(OVER_P95),
  overP99: beginEvidence(OVER_P99),
  routes: {},
  own: beginEvidence(OWN),
};

export interface Moment {
  /** Milliseconds, of any clock that goes forward. */
  readonly at: number;
  readonly newSide: Side;
  readonly oldSide: Side;
}

/** @param isWarm false while the new release answers its first requests, which are slow in good releases, too. */
export function compareMoment(comparing: Comparing, moment: Moment, isWarm: boolean): Comparing {
  const { at, newSide, oldSide } = moment;
  const errors = addPair(comparing.errors, at, pairOf(newSide, oldSide, 'answers', 'errors'), ERRORS);
  const routes = compareRoutes(comparing.routes, moment);
  if (!isWarm) return { ...comparing, errors, routes };
  return {
    ...comparing,
    errors,
    routes,
    overP95: addPair(comparing.overP95, at, pairOf(newSide, oldSide, 'timed', 'overP95'), OVER_P95),
    overP99: addPair(comparing.overP99, at, pairOf(newSide, oldSide, 'timed', 'overP99'), OVER_P99),
  };
}

/** Requests that the watch sent itself, as many to each release. */
export const compareOwn = (comparing: Comparing, { at, newSide, oldSide }: Moment): Comparing => ({
  ...comparing,
  own: addPair(comparing.own, at, pairOf(newSide, oldSide, 'answers', 'errors'), OWN),
});

type Count = Exclude<keyof Side, 'routes' | 'slowAt'>;

const pairOf = (newSide: Side, oldSide: Side, all: Count, bad: Count): Pair => ({
  newAnswers: newSide[all],
  newBad: newSide[bad],
  oldAnswers: oldSide[all],
  oldBad: oldSide[bad],
});

const NO_COUNT: RouteCount = { answers: 0, errors: 0 };

function compareRoutes(before: Comparing['routes'], { at, newSide, oldSide }: Moment): Comparing['routes'] {
  const names = new Set([...Object.keys(newSide.routes), ...Object.keys(oldSide.routes)]);
  if (names.size === 0) return before;
  const after = { ...before };
  let room = MOST_ROUTES - Object.keys(before).length;
  for (const name of names) {
    if (after[name] === undefined && room-- <= 0) continue;
    const ours = newSide.routes[name] ?? NO_COUNT;
    const theirs = oldSide.routes[name] ?? NO_COUNT;
    const pair: Pair = {
      newAnswers: ours.answers,
      newBad: ours.errors,
      oldAnswers: theirs.answers,
      oldBad: theirs.errors,
    };
    after[name] = addPair(after[name] ?? beginEvidence(ROUTE), at, pair, ROUTE);
  }
  return after;
}

/** What speaks against the new release: the measure, and its part of the evidence. */
export type Part = { readonly evidence: number } & (
  | { readonly measure: 'errors' | 'own' }
  | { readonly measure: 'slow'; readonly of: 'p95' | 'p99' }
  | { readonly measure: 'route'; readonly route: string }
);

export interface Against {
  readonly strongest: Part;
  /** The sum of all parts is one e-process: an alarm comes when it reaches 1/alpha. */
  readonly evidence: number;
}

export function evidenceAgainst({ errors, overP95, overP99, routes, own }: Comparing): Against {
  const parts: readonly [Part, ...Part[]] = [
    { measure: 'errors', evidence: SHARES.errors * valueOf(errors, ERRORS) },
    { measure: 'own', evidence: SHARES.own * valueOf(own, OWN) },
    { measure: 'slow', of: 'p95', evidence: SHARES.overP95 * valueOf(overP95, OVER_P95) },
    { measure: 'slow', of: 'p99', evidence: SHARES.overP99 * valueOf(overP99, OVER_P99) },
    ...Object.entries(routes).map(([route, evidence]): Part => ({
      measure: 'route',
      route,
      evidence: (SHARES.routes / MOST_ROUTES) * valueOf(evidence, ROUTE),
    })),
  ];
  return {
    strongest: parts.reduce((most, part) => (part.evidence > most.evidence ? part : most)),
    evidence: parts.reduce((sum, part) => sum + part.evidence, 0),
  };
}

/** The comparison behind a part. */
export function comparisonOf(comparing: Comparing, part: Part): Evidence {
  if (part.measure === 'route') return comparing.routes[part.route] ?? comparing.errors;
  if (part.measure === 'slow') return part.of === 'p95' ? comparing.overP95 : comparing.overP99;
  return part.measure === 'own' ? comparing.own : comparing.errors;
}

/** Simulated streams of answers of an old and a new release, with a fault that begins at a known moment. */
import type { Answer } from '../../domain/judge/stream';
import type { Random } from '../support/random';

export interface Scenario {
  readonly name: string;
  /** Length of a stream, seconds, and requests a second (Poisson). */
  readonly seconds: number;
  readonly perSecond: number;
  /** Share of the new release (0 to 1) at a time (seconds). */
  readonly share: (at: number) => number;
  /** Probability of an error. */
  readonly errors: (side: 'old' | 'new', at: number, route: string) => number;
  /** Factor on the usual time of an answer (log-normal, median 12 ms, sigma 0.5). */
  readonly slowness: (side: 'old' | 'new', at: number) => number;
  /** Milliseconds for which the process stands still from now on; missing: never. */
  readonly stall?: (side: 'old' | 'new', at: number) => number;
  /** When the fault begins, seconds; null: there is none. */
  readonly onset: number | null;
}

const MEDIAN_MS = 12;
const SIGMA = 0.5;
/** Of these, twelve have 7 to 9 % of the traffic each. */
export const ROUTES = [
  '/',
  '/cart',
  '/checkout',
  '/login',
  '/items',
  '/item/:id',
  '/search',
  '/about',
  '/help',
  '/api/a',
  '/api/b',
  '/api/c',
];
export const FAILING_ROUTE = '/checkout';

export function* answersOf(scenario: Scenario, random: Random): Generator<Answer> {
  let seconds = 0;
  for (;;) {
    seconds -= Math.log(1 - random.next()) / scenario.perSecond;
    if (seconds >= scenario.seconds) return;
    const release = random.next() < scenario.share(seconds) ? 'new' : 'old';
    const route = ROUTES[Math.floor(random.next() * ROUTES.length)] ?? '/';
    const status = random.next() < scenario.errors(release, seconds, route) ? 500 : 200;
    const ms =
      MEDIAN_MS * Math.exp(SIGMA * random.normal()) * scenario.slowness(release, seconds) +
      (scenario.stall?.(release, seconds) ?? 0);
    yield { at: Math.round(seconds * 1000), release, status, ms, route };
  }
}

const BASE = 0.005;
const calm: Scenario = {
  name: 'calm',
  seconds: 200,
  perSecond: 100,
  share: () => 0.1,
  errors: () => BASE,
  slowness: () => 1,
  onset: null,
};

const failing = (name: string, share: number, onset = 0): Scenario => ({
  ...calm,
  name,
  seconds: onset + 600,
  errors: (side, at) => (side === 'new' && at >= onset ? share : BASE),
  onset,
});

const within = (at: number, from: number, until: number): boolean => at >= from && at < until;

export const FAULTS: readonly Scenario[] = [
  failing('everything fails', 1),
  failing('half fails', 0.5),
  failing('12 % fail', 0.12),
  failing('12 % fail after 3,000 good answers', 0.12, 300),
  failing('5 % fail', 0.05),
  failing('2 % fail', 0.02),
  failing('everything fails after 3,000 good answers', 1, 300),
  { ...calm, name: 'twice as slow', slowness: (side) => (side === 'new' ? 2 : 1), onset: 0 },
  {
    ...calm,
    name: 'twice as slow after 3,000 good answers',
    seconds: 600,
    slowness: (side, at) => (side === 'new' && at >= 300 ? 2 : 1),
    onset: 300,
  },
  {
    ...calm,
    name: 'one route of 8 % fails',
    errors: (side, _at, route) => (side === 'new' && route === FAILING_ROUTE ? 1 : BASE),
    onset: 0,
  },
  {
    ...calm,
    name: 'one route of 8 % fails after 3,000 good answers',
    seconds: 600,
    errors: (side, at, route) => (side === 'new' && at >= 300 && route === FAILING_ROUTE ? 1 : BASE),
    onset: 300,
  },
  { ...calm, name: '12 % fail, no old release', share: () => 1, errors: () => 0.12, onset: 0 },
  { ...failing('12 % fail at 50 %', 0.12), share: () => 0.5 },
];

export const CALM: readonly Scenario[] = [
  calm,
  { ...calm, name: 'calm, 3 % errors', errors: () => 0.03 },
  { ...calm, name: 'calm, ten minutes', seconds: 600 },
  { ...calm, name: 'calm, no old release', share: () => 1 },
  { ...calm, name: 'incident of both: 20 % for 30 s', errors: (_side, at) => (within(at, 60, 90) ? 0.2 : BASE) },
  { ...calm, name: 'burst of both: 80 % for 1 s, six times', errors: (_side, at) => (at % 30 < 1 ? 0.8 : BASE) },
  {
    ...calm,
    name: 'share 10, 50, 90 %, 3 % errors in between',
    share: (at) => (at < 60 ? 0.1 : at < 120 ? 0.5 : 0.9),
    errors: (_side, at) => (within(at, 55, 125) ? 0.03 : BASE),
  },
  {
    ...calm,
    name: 'share 10, then 100 %, incident of both before',
    share: (at) => (at < 100 ? 0.1 : 1),
    errors: (_side, at) => (within(at, 80, 99) ? 0.3 : BASE),
  },
  {
    ...calm,
    name: 'a route fails on both',
    errors: (_side, at, route) => (at > 50 && route === FAILING_ROUTE ? 1 : BASE),
  },
  { ...calm, name: 'both three times slower for 30 s', slowness: (_side, at) => (within(at, 60, 90) ? 3 : 1) },
  { ...calm, name: 'both slower little by little', slowness: (_side, at) => 1 + at / 100 },
  {
    ...calm,
    name: 'each process stands still for 1 s, at other times',
    stall: (side, at) => Math.max(0, 1_000 - 1_000 * ((at + (side === 'new' ? 11 : 0)) % 25)),
  },
  { ...calm, name: 'new release better', errors: (side) => (side === 'new' ? 0.001 : 0.03) },
];

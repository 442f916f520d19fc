/**
 * Evidence that the new release has more bad answers than the old one, valid at any time however often one looks: an e-process.
 * Under "both are equally good" the probability that it ever reaches 1/alpha is at most alpha (Ville 1939; Ramdas, Grünwald, Vovk and
 * Shafer 2023, "Game-theoretic statistics and safe anytime-valid inference").
 *
 * It is a mixture over odds ratios and over the moment at which the fault began. Moments are counted in bad answers, not in seconds:
 * as long as nothing is bad nothing can be learnt, and nothing is paid for waiting. Half of the capital is set on "from the
 * beginning", the rest little by little: after `c` bad answers 0.5 / (1 + c / patience) of it still waits. All starts of one ratio
 * grow by the same factor, so their sum is one number.
 */
import { logEvidence, type Pair } from './odds';

export interface Method {
  readonly ratios: readonly number[];
  /** Bad answers after which half of the waiting capital has been set. */
  readonly patience: number;
  /** An odds ratio that is no fault yet: evidence is against "at most so much". 1: both are equally good. */
  readonly tolerated: number;
  /**
   * For what comes in clumps, as slow answers do: a process that stalls for a second makes all of them slow at once. Answers are
   * gathered for this time at least (milliseconds), and say no more than `most` (ln), which keeps the promise: what is cut off could
   * only have spoken against the new release.
   */
  readonly clumps: { readonly forMs: number; readonly most: number };
}

/** For what comes one by one, and is none of it tolerated. */
export const ONE_BY_ONE = { tolerated: 1, clumps: { forMs: 0, most: Infinity } } as const;

export interface Evidence {
  /** By ratio: what the capital set on it has become. */
  readonly capital: readonly number[];
  /** Bad answers so far, of both releases. */
  readonly bad: number;
  /** Answers that have not been compared yet, since one of the releases has none among them; and when the first of them came. */
  readonly open: Pair;
  readonly openSince: number | null;
  /** Answers since the moment from which most speaks for a fault (Page's estimate of a change), and how much: ln, never below 0. */
  readonly recent: Pair;
  readonly rise: number;
  /** ln of the evidence that the odds of the new release are not `SEVERAL` times those of the old one. */
  readonly calm: number;
}

/** "Several times worse", as an odds ratio. */
export const SEVERAL = 4;
/** The odds ratio with which the beginning of a fault is looked for. */
const ONSET = 8;
const AT_ONCE = 0.5;
/** Far above every alarm, and far below what a number can hold. */
const MOST = 1e120;
/** Answers further apart than this are not of the same seconds. */
const TOGETHER_MS = 60_000;
const NO_PAIR: Pair = { newAnswers: 0, newBad: 0, oldAnswers: 0, oldBad: 0 };
const CLOSED = { open: NO_PAIR, openSince: null } as const;

export const beginEvidence = ({ ratios }: Method): Evidence => ({
  capital: ratios.map(() => AT_ONCE),
  bad: 0,
  open: NO_PAIR,
  openSince: null,
  recent: NO_PAIR,
  rise: 0,
  calm: 0,
});

/** How many times more the mixture of alternatives explains what was seen than "equally good" does. */
export const valueOf = ({ capital, bad }: Evidence, method: Method): number =>
  capital.reduce((sum, each) => sum + each, 0) / method.ratios.length + waiting(bad, method);

const waiting = (bad: number, { patience }: Method): number => (1 - AT_ONCE) / (1 + bad / patience);

/** After the answers of a moment (`at`, milliseconds). They are compared as soon as both releases have some, if that is soon enough. */
export function addPair(evidence: Evidence, at: number, pair: Pair, method: Method): Evidence {
  const isStale = evidence.openSince !== null && at - evidence.openSince > TOGETHER_MS;
  const open = isStale ? pair : sum(evidence.open, pair);
  const { forMs, most } = method.clumps;
  const isGathering = at - (evidence.openSince ?? at) < forMs;
  if (open.newAnswers === 0 || open.oldAnswers === 0 || isGathering) {
    const isEmpty = open.newAnswers + open.oldAnswers === 0;
    return { ...evidence, open, openSince: isEmpty ? null : isStale ? at : (evidence.openSince ?? at) };
  }
  const more = open.newBad + open.oldBad;
  const seen = sum(evidence.recent, open);
  if (more === 0) return { ...evidence, ...CLOSED, recent: evidence.rise > 0 ? seen : NO_PAIR };
  const bad = evidence.bad + more;
  const [several = 0, onset = 0, tolerated = 0, ...logs] = logEvidence(open, [
    SEVERAL,
    ONSET,
    method.tolerated,
    ...method.ratios,
  ]);
  const rise = Math.max(0, evidence.rise + onset);
  const set = waiting(evidence.bad, method) - waiting(bad, method);
  return {
    capital: evidence.capital.map(
      (each, i) => Math.min(MOST, each * Math.exp(Math.min(most, (logs[i] ?? 0) - tolerated))) + set,
    ),
    bad,
    ...CLOSED,
    recent: rise > 0 ? seen : NO_PAIR,
    rise,
    calm: evidence.calm - several,
  };
}

const sum = (one: Pair, other: Pair): Pair => ({
  newAnswers: one.newAnswers + other.newAnswers,
  newBad: one.newBad + other.newBad,
  oldAnswers: one.oldAnswers + other.oldAnswers,
  oldBad: one.oldBad + other.oldBad,
});

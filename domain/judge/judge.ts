/**
 * Is the new release worse than the old one? Pure: the state is plain data that travels in heartbeats, so that a restarted watch goes
 * on from it. With traffic on both releases they are compared in the same seconds (`comparing.ts`); without old traffic the new
 * release is held against the objective (`cusum.ts`).
 */
import type { JudgeVerdict } from '../words';
import {
  BEGIN_COMPARING,
  compareMoment,
  partsOf,
  type Comparing,
  type Moment,
  type Part,
  type Side,
} from './comparing';
import { addToCusum, calmAgainst, CUSUM_LIMIT, CUSUM_START, type Cusum } from './cusum';
import type { Evidence } from './evidence';
import type { Finding } from './finding';

export interface Objective {
  /** Greatest share of errors and of slow answers (0 to 1). */
  readonly errors: number;
  readonly slow: number;
  readonly responseMs: number;
  /** Least number of answers for `healthy`, of each release. */
  readonly minimum: number;
  /** Greatest chance of any false alarm in a whole watch beside an old release. */
  readonly alpha: number;
}

/** Chance of a false alarm in a watch, when nothing else is said. */
export const ALPHA = 0.001;

export interface Counts {
  readonly answers: number;
  readonly errors: number;
  readonly slow: number;
}

export interface JudgeState {
  readonly comparing: Comparing;
  readonly newRelease: Counts;
  readonly oldRelease: Counts;
  /** Answers of the new release since the last one of the old release, as long as it is open whether the old one has traffic. */
  readonly pending: Counts;
  /** The old release has no traffic: the objective judges. */
  readonly isAlone: boolean;
  readonly errors: Cusum;
  readonly slow: Cusum;
  readonly firstAt: number | null;
  readonly lastAt: number;
}

export interface Judgement {
  readonly verdict: JudgeVerdict;
  readonly finding: Finding | null;
  /** More answers of the new release for a verdict, and how long that takes at this traffic; null when it was reached. */
  readonly needs: Needs | null;
}

export interface Needs {
  readonly requests: number;
  /** null without traffic. */
  readonly seconds: number | null;
}

const NONE: Counts = { answers: 0, errors: 0, slow: 0 };

export const JUDGE_START: JudgeState = {
  comparing: BEGIN_COMPARING,
  newRelease: NONE,
  oldRelease: NONE,
  pending: NONE,
  isAlone: false,
  errors: CUSUM_START,
  slow: CUSUM_START,
  firstAt: null,
  lastAt: 0,
};

/** First answers of a process are slow (cold caches, code not compiled yet); slowness is not compared among them. */
const WARM_UP = 20;
/** Chance with which an old release that has traffic is taken for one that has none. */
const NATS_ALONE = 14;
const LEAST_ALONE = 20;
/** `healthy` needs evidence of at least 10 : 1 that the new release is not several times worse, and none of 20 : 1 that it is. */
const CALM = Math.log(10);
const SUSPECT = 20;

/** The state after one more moment. @param isAlone that the old release has no traffic; null: not known, to be found out. */
export function judgeMoment(
  state: JudgeState,
  moment: Moment,
  objective: Objective,
  isAlone: boolean | null = null,
): JudgeState {
  const { newSide, oldSide } = moment;
  const counted: JudgeState = {
    ...state,
    comparing: compareMoment(state.comparing, moment, state.newRelease.answers >= WARM_UP),
    newRelease: add(state.newRelease, newSide),
    oldRelease: add(state.oldRelease, oldSide),
    firstAt: state.firstAt ?? moment.at,
    lastAt: Math.max(state.lastAt, moment.at),
  };
  if (oldSide.answers > 0 && isAlone !== true)
    return { ...counted, pending: NONE, isAlone: false, errors: CUSUM_START, slow: CUSUM_START };
  const pending = add(state.pending, newSide);
  if (isAlone !== true && !state.isAlone && pending.answers < leastAlone(counted)) return { ...counted, pending };
  return { ...counted, ...sums(state, pending, objective), pending: NONE, isAlone: true };
}

const add = (one: Counts, other: Counts | Side): Counts => ({
  answers: one.answers + other.answers,
  errors: one.errors + other.errors,
  slow: one.slow + other.slow,
});

function sums(state: JudgeState, { answers, errors, slow }: Counts, objective: Objective) {
  return {
    errors: addToCusum(state.errors, { good: answers - errors, bad: errors }, objective.errors),
    slow: addToCusum(state.slow, { good: answers - slow, bad: slow }, objective.slow),
  };
}

/** So many answers of the new release in a row, without one of the old, are no coincidence at the shares seen so far. */
function leastAlone({ newRelease, oldRelease }: JudgeState): number {
  if (oldRelease.answers === 0) return LEAST_ALONE;
  const all = newRelease.answers + oldRelease.answers;
  return Math.max(LEAST_ALONE, Math.ceil((NATS_ALONE * all) / oldRelease.answers));
}

/** Is there an alarm now? May be asked as often as one likes. */
export function alarm(state: JudgeState, objective: Objective): Finding | null {
  const parts = partsOf(state.comparing);
  const evidence = parts.reduce((sum, part) => sum + part.evidence, 0);
  if (parts[0] !== undefined && evidence >= 1 / objective.alpha) return beside(state, parts[0], evidence);
  for (const measure of ['errors', 'slow'] as const)
    if (state[measure].sum >= CUSUM_LIMIT) return against(objective, measure, state[measure]);
  return null;
}

interface Seen {
  readonly answers: number;
  readonly bad: number;
}

function beside({ comparing }: JudgeState, part: Part, evidence: number): Finding {
  const { recent } = evidenceOf(comparing, part);
  return {
    measure: part.measure === 'slow' ? 'slow' : 'errors',
    route: part.measure === 'route' ? part.of : null,
    value: recent.newBad / Math.max(1, recent.newAnswers),
    limit: recent.oldBad / Math.max(1, recent.oldAnswers),
    samples: recent.newAnswers,
    against: 'old release',
    evidence,
    slowerThan: part.measure === 'slow' ? `the old release's ${part.of}` : null,
  };
}

function evidenceOf(comparing: Comparing, { measure, of }: Part): Evidence {
  if (measure === 'route') return comparing.routes[of ?? ''] ?? comparing.errors;
  if (measure === 'slow') return of === 'p95' ? comparing.overP95 : comparing.overP99;
  return comparing.errors;
}

const against = (objective: Objective, measure: 'errors' | 'slow', { answers, bad }: Seen): Finding => ({
  measure,
  route: null,
  value: bad / Math.max(1, answers),
  limit: objective[measure],
  samples: answers,
  against: 'objective',
  evidence: null,
  slowerThan: measure === 'slow' ? `${objective.responseMs} ms` : null,
});

/**
 * The verdict at the end of a watch. `healthy` is earned: enough answers of both releases, and evidence that the new one is not
 * several times worse than the old one or than the objective. Everything between is `inconclusive`, and says what is missing.
 */
export function conclude(state: JudgeState, objective: Objective): Judgement {
  const finding = alarm(state, objective);
  if (finding !== null) return { verdict: 'unhealthy', finding, needs: null };
  const open =
    state.isAlone || state.oldRelease.answers === 0 ? openAlone(state, objective) : openBeside(state, objective);
  if (open === null) return { verdict: 'healthy', finding: null, needs: null };
  return { verdict: 'inconclusive', finding: open.finding, needs: needsOf(state, open.requests) };
}

interface Open {
  readonly finding: Finding;
  /** More answers of the new release. */
  readonly requests: number;
}

function openAlone(state: JudgeState, objective: Objective): Open | null {
  const { newRelease } = state;
  const missing = objective.minimum - newRelease.answers;
  if (missing > 0) return { finding: tooFew(newRelease.answers, objective), requests: missing };
  for (const measure of ['errors', 'slow'] as const) {
    const bad = newRelease[measure];
    const within = Math.ceil(bad / objective[measure]) - newRelease.answers;
    const calm = calmAgainst({ good: newRelease.answers - bad, bad }, objective[measure]);
    const calmed = Math.ceil((CALM - calm.evidence) / calm.perGood);
    if (within > 0 || calmed > 0)
      return {
        finding: against(objective, measure, { answers: newRelease.answers, bad }),
        requests: Math.max(within, calmed),
      };
  }
  return null;
}

function openBeside(state: JudgeState, objective: Objective): Open | null {
  const { newRelease, oldRelease, comparing } = state;
  const fewest = Math.min(newRelease.answers, oldRelease.answers);
  if (fewest < objective.minimum) {
    const missing = objective.minimum - fewest;
    const perOld = newRelease.answers / Math.max(1, oldRelease.answers);
    const requests = newRelease.answers <= oldRelease.answers ? missing : Math.ceil(missing * Math.max(1, perOld));
    return { finding: tooFew(fewest, objective), requests };
  }
  const parts = partsOf(comparing);
  const evidence = parts.reduce((sum, part) => sum + part.evidence, 0);
  if (parts[0] !== undefined && evidence >= SUSPECT)
    return { finding: beside(state, parts[0], evidence), requests: newRelease.answers };
  const calm = calmAgainst({ good: newRelease.answers - newRelease.errors, bad: newRelease.errors }, objective.errors);
  if (comparing.errors.calm >= CALM || calm.evidence >= CALM) return null;
  const grown = Math.max(comparing.errors.calm, calm.evidence, CALM / 10);
  const requests = Math.ceil(newRelease.answers * (CALM / grown - 1));
  return { finding: compared(state), requests: Math.max(1, Math.min(requests, 10 * newRelease.answers)) };
}

const tooFew = (answers: number, { minimum }: Objective): Finding => ({
  measure: 'answers',
  route: null,
  value: answers,
  limit: minimum,
  samples: answers,
  against: 'minimum',
  evidence: null,
  slowerThan: null,
});

const compared = ({ newRelease, oldRelease }: JudgeState): Finding => ({
  measure: 'errors',
  route: null,
  value: newRelease.errors / newRelease.answers,
  limit: oldRelease.errors / oldRelease.answers,
  samples: newRelease.answers,
  against: 'old release',
  evidence: null,
  slowerThan: null,
});

function needsOf({ newRelease, firstAt, lastAt }: JudgeState, requests: number): Needs {
  const ms = lastAt - (firstAt ?? lastAt);
  if (newRelease.answers === 0 || ms <= 0) return { requests, seconds: null };
  return { requests, seconds: Math.ceil((requests * ms) / newRelease.answers / 1000) };
}

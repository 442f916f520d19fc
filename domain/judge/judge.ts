/**
 * Is the new release worse than the old one? Pure: the state is plain data that travels in heartbeats, so that a restarted watch goes
 * on from it. With traffic on both releases they are compared in the same seconds (`comparing.ts`); without old traffic the new
 * release is held against the objective (`excess.ts`).
 */
import {
  BEGIN_COMPARING,
  compareMoment,
  compareOwn,
  comparisonOf,
  evidenceAgainst,
  type Comparing,
  type Moment,
  type Part,
  type Side,
} from './comparing';
import { addBlock, excessOf, loudest, NO_EXCESS, type Excess } from './excess';
import type { Finding } from './finding';
import { addStarts, NO_STARTS, slowExcess, type Asked, type SlowStarts } from './slow-starts';
import { MARGIN } from './slowness';

export interface Objective {
  /** Greatest share of errors and of slow answers (0 to 1). */
  readonly errors: number;
  readonly slow: number;
  readonly responseMs: number;
  /** Least number of answers for `healthy`, of each release. */
  readonly minimum: number;
  /** Greatest chance of a false alarm in a whole watch: of any beside an old release, and of each measure against the objective. */
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
  /** Answers of the new release since then; absent in a heartbeat of an older worker. */
  readonly alone?: Counts;
  /** Against the objective; absent in a heartbeat of an older worker, whose sums were others. */
  readonly errorExcess?: Excess;
  readonly slowStarts?: SlowStarts;
  readonly firstAt: number | null;
  readonly lastAt: number;
}

export const NO_COUNTS: Counts = { answers: 0, errors: 0, slow: 0 };

export const JUDGE_START: JudgeState = {
  comparing: BEGIN_COMPARING,
  newRelease: NO_COUNTS,
  oldRelease: NO_COUNTS,
  pending: NO_COUNTS,
  isAlone: false,
  errorExcess: NO_EXCESS,
  slowStarts: NO_STARTS,
  firstAt: null,
  lastAt: 0,
};

/** First answers of a process are slow (cold caches, code not compiled yet); slowness is not compared among them. */
const WARM_UP = 20;
/** Chance with which an old release that has traffic is taken for one that has none. */
const NATS_ALONE = 14;
const LEAST_ALONE = 20;

/** Whatever was counted of a new release alone, once the old one answers again. */
const BESIDE = {
  pending: NO_COUNTS,
  isAlone: false,
  alone: NO_COUNTS,
  errorExcess: NO_EXCESS,
  slowStarts: NO_STARTS,
};

/**
 * The state after one more moment, whatever happened in it: that time has passed in which nothing was answered says something, too.
 * @param isAlone that the old release has no traffic; null: not known, to be found out.
 */
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
    firstAt: state.firstAt ?? (newSide.answers + oldSide.answers > 0 ? moment.at : null),
    lastAt: Math.max(state.lastAt, moment.at),
  };
  if (oldSide.answers > 0 && isAlone !== true) return { ...counted, ...BESIDE };
  const slowStarts = addStarts(state.slowStarts ?? NO_STARTS, askedFor(moment, objective), objective.slow);
  const pending = add(state.pending, newSide);
  if (isAlone !== true && !state.isAlone && pending.answers < leastAlone(counted))
    return { ...counted, slowStarts, pending };
  const block = { good: pending.answers - pending.errors, bad: pending.errors };
  const errorExcess = addBlock(state.errorExcess ?? NO_EXCESS, block, objective.errors);
  const alone = add(state.alone ?? NO_COUNTS, pending);
  return { ...counted, errorExcess, slowStarts, pending: NO_COUNTS, isAlone: true, alone };
}

/** What is overdue now was asked for as long ago as an answer may take. */
const askedFor = ({ at, newSide }: Moment, { responseMs }: Objective): Asked => ({
  at,
  answers: newSide.answers,
  slow: newSide.slowAt ?? [{ at: at - responseMs, slow: newSide.slow }],
});

/** The state after requests that the watch sent itself, the same ones to both releases. */
export const judgeOwn = (state: JudgeState, moment: Moment): JudgeState => ({
  ...state,
  comparing: compareOwn(state.comparing, moment),
  newRelease: add(state.newRelease, moment.newSide),
  oldRelease: add(state.oldRelease, moment.oldSide),
});

const add = (one: Counts, other: Counts | Side): Counts => ({
  answers: one.answers + other.answers,
  errors: one.errors + other.errors,
  slow: one.slow + other.slow,
});

/** So many answers of the new release in a row, without one of the old, are no coincidence at the shares seen so far. */
function leastAlone({ newRelease, oldRelease }: JudgeState): number {
  if (oldRelease.answers === 0) return LEAST_ALONE;
  const all = newRelease.answers + oldRelease.answers;
  return Math.max(LEAST_ALONE, Math.ceil((NATS_ALONE * all) / oldRelease.answers));
}

/** Is there an alarm now? May be asked as often as one likes. */
export function alarm(state: JudgeState, objective: Objective): Finding | null {
  const { strongest, evidence } = evidenceAgainst(state.comparing);
  if (evidence >= 1 / objective.alpha) return beside(state, strongest, evidence);
  if (!state.isAlone) return null;
  const excesses = {
    errors: state.errorExcess ?? NO_EXCESS,
    slow: slowExcess(state.slowStarts ?? NO_STARTS, state.lastAt, objective),
  };
  for (const measure of ['errors', 'slow'] as const) {
    if (excessOf(excesses[measure]) < 1 / objective.alpha) continue;
    const { good, bad } = loudest(excesses[measure]);
    return against(objective, measure, { answers: good + bad, bad });
  }
  return null;
}

interface Seen {
  readonly answers: number;
  readonly bad: number;
}

/** In place of a route. */
const OWN_REQUESTS = 'requests of the watch itself';

export function beside({ comparing }: JudgeState, part: Part, evidence: number): Finding {
  const { recent } = comparisonOf(comparing, part);
  return {
    measure: part.measure === 'slow' ? 'slow' : 'errors',
    route: part.measure === 'route' ? part.route : part.measure === 'own' ? OWN_REQUESTS : null,
    value: recent.newBad / Math.max(1, recent.newAnswers),
    limit: recent.oldBad / Math.max(1, recent.oldAnswers),
    samples: recent.newAnswers,
    against: 'old release',
    evidence,
    slowerThan: part.measure === 'slow' ? `${MARGIN} × the old release's ${part.of}` : null,
  };
}

export const against = (objective: Objective, measure: 'errors' | 'slow', { answers, bad }: Seen): Finding => ({
  measure,
  route: null,
  value: bad / Math.max(1, answers),
  limit: objective[measure],
  samples: answers,
  against: 'objective',
  evidence: null,
  slowerThan: measure === 'slow' ? `${objective.responseMs} ms` : null,
});

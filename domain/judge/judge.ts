/** Is the new release worse than the objective? Pure: the state travels in heartbeats, so that a restarted watch goes on from it. */
import { percent } from '../numbers';
import type { JudgeVerdict, Why } from '../words';
import { addToCusum, CUSUM_LIMIT } from './cusum';

export interface Objective {
  /** Greatest share of errors and of slow answers (0 to 1). */
  readonly errors: number;
  readonly slow: number;
  readonly responseMs: number;
  /** Least number of answers for `healthy`. */
  readonly minimum: number;
}

/** Answers of one interval. Every count is of answers, never of time. */
export interface Block {
  readonly answers: number;
  readonly errors: number;
  readonly slow: number;
}

export interface JudgeState {
  readonly answers: number;
  readonly errors: number;
  readonly slow: number;
  readonly errorSum: number;
  readonly slowSum: number;
}

export interface Judgement {
  readonly verdict: JudgeVerdict;
  readonly why: Why | null;
}

export const JUDGE_START: JudgeState = { answers: 0, errors: 0, slow: 0, errorSum: 0, slowSum: 0 };

/** The state after one more block. */
export function judgeBlock(state: JudgeState, block: Block, objective: Objective): JudgeState {
  return {
    answers: state.answers + block.answers,
    errors: state.errors + block.errors,
    slow: state.slow + block.slow,
    errorSum: addToCusum(state.errorSum, { good: block.answers - block.errors, bad: block.errors }, objective.errors),
    slowSum: addToCusum(state.slowSum, { good: block.answers - block.slow, bad: block.slow }, objective.slow),
  };
}

/** Is there an alarm now? May be asked as often as one likes. */
export function alarm(state: JudgeState, objective: Objective): Why | null {
  if (state.errorSum >= CUSUM_LIMIT) return whyErrors(state, objective, evidence(state.errorSum));
  if (state.slowSum >= CUSUM_LIMIT) return whySlow(state, objective, evidence(state.slowSum));
  return null;
}

/**
 * The verdict at the end of a watch. `healthy` is earned: enough answers, and no share above its objective; a share above it
 * that is no alarm yet is `inconclusive`.
 */
export function conclude(state: JudgeState, objective: Objective): Judgement {
  const why = alarm(state, objective);
  if (why !== null) return { verdict: 'unhealthy', why };
  if (state.answers < objective.minimum) return { verdict: 'inconclusive', why: whyTooFew(state, objective) };
  if (state.errors > objective.errors * state.answers)
    return { verdict: 'inconclusive', why: whyErrors(state, objective, '') };
  if (state.slow > objective.slow * state.answers)
    return { verdict: 'inconclusive', why: whySlow(state, objective, '') };
  return { verdict: 'healthy', why: null };
}

const evidence = (sum: number): string => `; evidence ${sum.toFixed(1)}, alarm at ${CUSUM_LIMIT.toFixed(1)}`;

const whyErrors = (state: JudgeState, objective: Objective, note: string): Why => ({
  measure: 'errors',
  value: percent(state.errors, state.answers),
  limit: `${percent(objective.errors, 1)}${note}`,
  samples: `${state.errors} of ${state.answers} answers`,
  source: 'router',
});

const whySlow = (state: JudgeState, objective: Objective, note: string): Why => ({
  measure: `answers slower than ${objective.responseMs} ms`,
  value: percent(state.slow, state.answers),
  limit: `${percent(objective.slow, 1)}${note}`,
  samples: `${state.slow} of ${state.answers} answers`,
  source: 'router',
});

const whyTooFew = (state: JudgeState, objective: Objective): Why => ({
  measure: 'answers',
  value: String(state.answers),
  limit: `at least ${objective.minimum}`,
  samples: `${state.answers} answers`,
  source: 'router and probes',
});

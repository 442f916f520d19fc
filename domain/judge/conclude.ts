/** The verdict at the end of a watch, or now if it ended now. */
import type { JudgeVerdict } from '../words';
import { evidenceAgainst } from './comparing';
import { calmAgainst } from './excess';
import type { Finding } from './finding';
import { against, alarm, beside, NO_COUNTS, type JudgeState, type Objective } from './judge';

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

/** `healthy` needs evidence of at least 10 to 1 that the new release is not several times worse, and none of 20 to 1 that it is. */
const CALM = Math.log(10);
const SUSPECT = 20;

/**
 * The verdict at the end of a watch. `healthy` is earned: enough answers of both releases, and evidence that the new one is not
 * several times worse than the old one or than the objective. Everything between is `inconclusive`, and says what is missing.
 */
export function conclude(state: JudgeState, objective: Objective): Judgement {
  const finding = alarm(state, objective);
  if (finding !== null) return { verdict: 'unhealthy', finding, needs: null };
  const open = isAlone(state, objective) ? openAlone(state, objective) : openBeside(state, objective);
  if (open === null) return { verdict: 'healthy', finding: null, needs: null };
  return { verdict: 'inconclusive', finding: open.finding, needs: needsOf(state, open.requests) };
}

/** What both releases answered before counts no more, as soon as there is enough of the new one alone. */
const isAlone = ({ oldRelease, alone = NO_COUNTS }: JudgeState, { minimum }: Objective): boolean =>
  oldRelease.answers === 0 || alone.answers >= minimum;

/** The measure of which a release that had all the traffic shows more than its objective allows; null when there are too few answers to say so. */
export function aboveLimit(
  seen: { readonly requests: number; readonly errors: number; readonly slow: number },
  objective: Objective,
): Finding | null {
  if (seen.requests < objective.minimum) return null;
  const measure = (['errors', 'slow'] as const).find((each) => seen[each] > objective[each] * seen.requests);
  return measure === undefined ? null : against(objective, measure, { answers: seen.requests, bad: seen[measure] });
}

interface Open {
  readonly finding: Finding;
  /** More answers of the new release. */
  readonly requests: number;
}

function openAlone(state: JudgeState, objective: Objective): Open | null {
  const seen = state.oldRelease.answers === 0 ? state.newRelease : (state.alone ?? NO_COUNTS);
  const missing = objective.minimum - seen.answers;
  if (missing > 0) return { finding: tooFew(seen.answers, objective), requests: missing };
  for (const measure of ['errors', 'slow'] as const) {
    const bad = seen[measure];
    const within = Math.ceil(bad / objective[measure]) - seen.answers;
    const calm = calmAgainst({ good: seen.answers - bad, bad }, objective[measure]);
    const calmed = Math.ceil((calmOf(objective, calm.perGood) - calm.evidence) / calm.perGood);
    if (within > 0 || calmed > 0)
      return {
        finding: against(objective, measure, { answers: seen.answers, bad }),
        requests: Math.max(within, calmed),
      };
  }
  return null;
}

/** Who asks for fewer answers than the evidence needs is content with so many good ones. */
const calmOf = ({ minimum }: Objective, perGood: number): number => Math.min(CALM, minimum * perGood);

function openBeside(state: JudgeState, objective: Objective): Open | null {
  const { newRelease, oldRelease, comparing } = state;
  const fewest = Math.min(newRelease.answers, oldRelease.answers);
  if (fewest < objective.minimum) {
    const missing = objective.minimum - fewest;
    const perOld = newRelease.answers / Math.max(1, oldRelease.answers);
    const requests = newRelease.answers <= oldRelease.answers ? missing : Math.ceil(missing * Math.max(1, perOld));
    return { finding: tooFew(fewest, objective), requests };
  }
  const { strongest, evidence } = evidenceAgainst(comparing);
  if (evidence >= SUSPECT) return { finding: beside(state, strongest, evidence), requests: newRelease.answers };
  const calm = calmAgainst({ good: newRelease.answers - newRelease.errors, bad: newRelease.errors }, objective.errors);
  if (comparing.errors.calm >= CALM || calm.evidence >= calmOf(objective, calm.perGood)) return null;
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

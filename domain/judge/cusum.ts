/**
 * CUSUM of a share against an objective (Page 1954, with the log-likelihood ratio of Wald's sequential test): each bad answer adds
 * ln(p1/p0), each good one ln((1-p1)/(1-p0)); the sum never falls below 0; an alarm comes when it reaches ln(100,000).
 * p0 is the objective, p1 the share with eleven times its odds (1 % -> 10 %). Simulated for 12 % against 1 %: median 54 answers.
 */
const ODDS_RATIO = 11;
const LEAST_OBJECTIVE = 0.0005;
const GREATEST_OBJECTIVE = 0.5;
/** "Several times worse" is never less than this share: with fewer than some hundred answers nobody could rule it out. */
const LEAST_SEVERAL = 0.1;

/** The alarm comes when the sum reaches this. */
export const CUSUM_LIMIT = Math.log(30_000);

export interface Cusum {
  readonly sum: number;
  /** Answers since the sum was last 0: Page's estimate of when it began. */
  readonly answers: number;
  readonly bad: number;
}

export const CUSUM_START: Cusum = { sum: 0, answers: 0, bad: 0 };

interface Block {
  readonly good: number;
  readonly bad: number;
}

/** After a block of answers, at objective `objective` (a share between 0 and 1). */
export function addToCusum(cusum: Cusum, { good, bad }: Block, objective: number): Cusum {
  const { p0, p1 } = sharesOf(objective);
  const sum = cusum.sum + bad * Math.log(p1 / p0) + good * Math.log((1 - p1) / (1 - p0));
  return sum <= 0 ? CUSUM_START : { sum, answers: cusum.answers + good + bad, bad: cusum.bad + bad };
}

/** ln of the evidence for "as the objective" against "several times worse", and how much one more good answer adds to it. */
export function calmAgainst({ good, bad }: Block, objective: number): { evidence: number; perGood: number } {
  const { p0, p1 } = sharesOf(objective);
  const several = Math.max(LEAST_SEVERAL, p1);
  const perGood = Math.log((1 - p0) / (1 - several));
  return { evidence: good * perGood + bad * Math.log(p0 / several), perGood };
}

function sharesOf(objective: number): { p0: number; p1: number } {
  const p0 = Math.min(GREATEST_OBJECTIVE, Math.max(LEAST_OBJECTIVE, objective));
  const odds = (ODDS_RATIO * p0) / (1 - p0);
  return { p0, p1: odds / (1 + odds) };
}

/**
 * CUSUM of a share against an objective (Page 1954, with the log-likelihood ratio of Wald's sequential test): each bad answer adds
 * ln(p1/p0), each good one ln((1-p1)/(1-p0)); the sum never falls below 0; an alarm comes when it reaches ln(100,000).
 * p0 is the objective, p1 the share with eleven times its odds (1 % -> 10 %). Simulated for 12 % against 1 %: median 54 answers.
 */
const ODDS_RATIO = 11;
const LEAST_OBJECTIVE = 0.0005;
const GREATEST_OBJECTIVE = 0.5;

/** The alarm comes when the sum reaches this. */
export const CUSUM_LIMIT = Math.log(100_000);

/** The sum after a block of answers, `bad` of them bad, at objective `objective` (a share between 0 and 1). */
export function addToCusum(
  sum: number,
  block: { readonly good: number; readonly bad: number },
  objective: number,
): number {
  const p0 = Math.min(GREATEST_OBJECTIVE, Math.max(LEAST_OBJECTIVE, objective));
  const odds = (ODDS_RATIO * p0) / (1 - p0);
  const p1 = odds / (1 + odds);
  const change = block.bad * Math.log(p1 / p0) + block.good * Math.log((1 - p1) / (1 - p0));
  return Math.max(0, sum + change);
}

/**
 * Evidence that a share of bad answers is above an objective, valid at any time however often one looks: an e-process, as in
 * `evidence.ts`. While the share is at most the objective, the chance that it ever reaches 1/alpha is at most alpha.
 *
 * A mixture over odds ratios, from a quarter above the objective up, and over the moment at which the share rose: half of the capital
 * is set at the beginning, the rest little by little with each bad answer. What is several times as large is found within some dozen
 * answers, what is half as much again within some thousand.
 */

interface Bet {
  /** Odds of bad answers, as a multiple of the objective's. */
  readonly ratio: number;
  /** Its part of the capital; they add up to 1. */
  readonly weight: number;
}

/** Most is set on eleven times: 1 % -> 10 %, as a release is that is broken in one of its parts. */
const BETS: readonly Bet[] = [
  { ratio: 1.25, weight: 0.1 },
  { ratio: 1.5, weight: 0.2 },
  { ratio: 2, weight: 0.12 },
  { ratio: 4, weight: 0.1 },
  { ratio: 11, weight: 0.38 },
  { ratio: 60, weight: 0.1 },
];
const AT_ONCE = 0.5;
/** Bad answers after which half of the waiting capital has been set. */
const PATIENCE = 15;
const SEVERAL_RATIO = 11;
const LEAST_OBJECTIVE = 0.0005;
const GREATEST_OBJECTIVE = 0.5;
/** "Several times worse" is never less than this share: with fewer than some hundred answers nobody could rule it out. */
const LEAST_SEVERAL = 0.1;
/** Far above every alarm, and far below what a number can hold. */
const MOST = 1e120;

export interface Block {
  readonly good: number;
  readonly bad: number;
}

/** What became of one bet, and the answers since the moment from which most speaks for it (Page's estimate of a change). */
export interface Stake extends Block {
  readonly capital: number;
  readonly rise: number;
}

export interface Excess {
  readonly stakes: readonly Stake[];
  /** Bad answers so far. */
  readonly bad: number;
}

export const NO_EXCESS: Excess = {
  stakes: BETS.map(({ weight }) => ({ capital: AT_ONCE * weight, rise: 0, good: 0, bad: 0 })),
  bad: 0,
};

/**
 * After a block of answers.
 * @param objective a share between 0 and 1.
 * @param most ln of what one block may say at most: for what comes in clumps. What is cut off could only have spoken for an excess.
 */
export function addBlock(excess: Excess, block: Block, objective: number, most = Infinity): Excess {
  if (block.good + block.bad === 0) return excess;
  const bad = excess.bad + block.bad;
  const set = waiting(excess.bad) - waiting(bad);
  const stakes = linesOf(objective).map(({ perBad, perGood }, i) => {
    const more = Math.min(most, block.bad * perBad + block.good * perGood);
    return addToStake(excess.stakes[i] as Stake, block, { more, set: set * (BETS[i] as Bet).weight });
  });
  return { stakes, bad };
}

function addToStake(stake: Stake, block: Block, { more, set }: { more: number; set: number }): Stake {
  const capital = Math.min(MOST, stake.capital * Math.exp(more)) + set;
  const rise = Math.max(0, stake.rise + more);
  if (rise === 0) return { capital, rise, good: 0, bad: 0 };
  return { capital, rise, good: stake.good + block.good, bad: stake.bad + block.bad };
}

const waiting = (bad: number): number => (1 - AT_ONCE) / (1 + bad / PATIENCE);

/** How many times more the mixture explains what was seen than a share at the objective does. */
export const excessOf = ({ stakes, bad }: Excess): number =>
  stakes.reduce((sum, { capital }) => sum + capital, 0) + waiting(bad);

/** The answers that speak loudest for an excess. */
export const loudest = ({ stakes }: Excess): Block =>
  stakes.reduce((most, stake) => (stake.capital > most.capital ? stake : most));

/** What a bad and a good answer say for each bet: ln of its likelihood at so many times the odds against that at the objective. */
function linesOf(objective: number): readonly { readonly perBad: number; readonly perGood: number }[] {
  const p0 = within(objective);
  return BETS.map(({ ratio }) => {
    const p1 = atRatio(p0, ratio);
    return { perBad: Math.log(p1 / p0), perGood: Math.log((1 - p1) / (1 - p0)) };
  });
}

/** ln of the evidence for "as the objective" against "several times worse", and how much one more good answer adds to it. */
export function calmAgainst({ good, bad }: Block, objective: number): { evidence: number; perGood: number } {
  const p0 = within(objective);
  const several = Math.max(LEAST_SEVERAL, atRatio(p0, SEVERAL_RATIO));
  const perGood = Math.log((1 - p0) / (1 - several));
  return { evidence: good * perGood + bad * Math.log(p0 / several), perGood };
}

const within = (objective: number): number => Math.min(GREATEST_OBJECTIVE, Math.max(LEAST_OBJECTIVE, objective));

function atRatio(share: number, ratio: number): number {
  const odds = (ratio * share) / (1 - share);
  return odds / (1 + odds);
}

/**
 * Exact comparison of two releases within one block of answers. Given how many answers of the block are bad, on which release they
 * fell follows the hypergeometric distribution when both releases are equally good, whatever their common share of bad answers is at
 * that moment, and Fisher's noncentral one when the odds of the new release are `ratio` times those of the old one.
 */

/** Answers of both releases in the same seconds, and how many of them were bad. */
export interface Pair {
  readonly newAnswers: number;
  readonly newBad: number;
  readonly oldAnswers: number;
  readonly oldBad: number;
}

/**
 * ln of the likelihood of the block at each odds ratio against its likelihood at 1: ln(r^x / E[r^X]), X hypergeometric. Each
 * exponential is an e-value: its mean is exactly 1 when both releases are equally good.
 */
export function logEvidence(pair: Pair, ratios: readonly number[]): readonly number[] {
  const { newAnswers, newBad, oldAnswers, oldBad } = pair;
  const bad = newBad + oldBad;
  const least = Math.max(0, bad - oldAnswers);
  const most = Math.min(newAnswers, bad);
  if (least === most) return ratios.map(() => 0);
  const weights = logWeights(pair, least, most);
  const base = logSum(weights);
  return ratios.map((ratio) => {
    const logRatio = Math.log(ratio);
    return newBad * logRatio + base - logSum(weights.map((weight, i) => weight + (least + i) * logRatio));
  });
}

/** ln of the hypergeometric weights of `least` to `most` bad answers of the new release, up to a constant. */
function logWeights({ newAnswers, newBad, oldAnswers, oldBad }: Pair, least: number, most: number): readonly number[] {
  const bad = newBad + oldBad;
  const weights = [0];
  for (let x = least; x < most; x += 1) {
    const step = ((newAnswers - x) * (bad - x)) / ((x + 1) * (oldAnswers - bad + x + 1));
    weights.push((weights[weights.length - 1] ?? 0) + Math.log(step));
  }
  return weights;
}

function logSum(logs: readonly number[]): number {
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
}

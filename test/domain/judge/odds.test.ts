import fc from 'fast-check';
import { logEvidence, type Pair } from '../../../domain/judge/odds';

const RATIOS = [2, 8, 64];

const choose = (n: number, k: number): number => {
  let product = 1;
  for (let i = 1; i <= k; i += 1) product *= (n - k + i) / i;
  return product;
};

/** Probability that `x` of the `bad` answers are the new release's, when both are equally good. */
const chance = (newAnswers: number, oldAnswers: number, bad: number, x: number): number =>
  (choose(newAnswers, x) * choose(oldAnswers, bad - x)) / choose(newAnswers + oldAnswers, bad);

test('the evidence of a block is 1 in the mean when both releases are equally good, whatever their share of errors', () => {
  const counts = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(counts, counts, counts, (newAnswers, oldAnswers, most) => {
      const bad = Math.min(most, newAnswers + oldAnswers);
      const means = RATIOS.map(() => 0);
      for (let x = Math.max(0, bad - oldAnswers); x <= Math.min(newAnswers, bad); x += 1) {
        const pair: Pair = { newAnswers, newBad: x, oldAnswers, oldBad: bad - x };
        logEvidence(pair, RATIOS).forEach((log, i) => {
          means[i] = (means[i] ?? 0) + chance(newAnswers, oldAnswers, bad, x) * Math.exp(log);
        });
      }
      for (const mean of means) expect(mean).toBeCloseTo(1, 6);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('one error among one new and nine old answers speaks for the new release being worse when it is the new one', () => {
  const [two = 0, , most = 0] = logEvidence({ newAnswers: 1, newBad: 1, oldAnswers: 9, oldBad: 0 }, RATIOS);
  expect(Math.exp(two)).toBeCloseTo(20 / 11, 9);
  expect(Math.exp(most)).toBeCloseTo(640 / 73, 9);
});

test.each<[string, Pair]>([
  ['nothing is bad', { newAnswers: 5, newBad: 0, oldAnswers: 50, oldBad: 0 }],
  ['everything is bad', { newAnswers: 5, newBad: 5, oldAnswers: 50, oldBad: 50 }],
  ['only the new release answered', { newAnswers: 5, newBad: 3, oldAnswers: 0, oldBad: 0 }],
  ['only the old release answered', { newAnswers: 0, newBad: 0, oldAnswers: 9, oldBad: 2 }],
])('nothing is learnt where %s', (_title, pair) => {
  expect(logEvidence(pair, RATIOS)).toEqual([0, 0, 0]);
});

test('blocks of tens of thousands of answers do not overflow', () => {
  const [, log] = logEvidence({ newAnswers: 20_000, newBad: 9_000, oldAnswers: 60_000, oldBad: 3_000 }, RATIOS);
  expect(Number.isFinite(log)).toBe(true);
  expect(log).toBeGreaterThan(1_000);
});

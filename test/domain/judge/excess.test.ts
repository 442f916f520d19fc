import { createRandom } from '../../../bench/support/random';
import { addBlock, excessOf, loudest, NO_EXCESS, type Excess } from '../../../domain/judge/excess';

const ALARM = 1_000;

/** Good answers before the next bad one, where a share of them is bad. */
const goodUntilBad = (share: number, uniform: number): number =>
  Math.floor(Math.log(1 - uniform) / Math.log(1 - share));

/** Answers until the alarm; Infinity without one in so many answers. */
function answersUntilAlarm(share: number, objective: number, seed: number, most: number): number {
  const random = createRandom(seed);
  let excess: Excess = NO_EXCESS;
  for (let answers = 0; ;) {
    const good = goodUntilBad(share, random.next());
    answers += good + 1;
    if (answers > most) return Infinity;
    excess = addBlock(excess, { good, bad: 1 }, objective);
    if (excessOf(excess) >= ALARM) return answers;
  }
}

const runs = (share: number, objective: number, count: number, most: number): readonly number[] =>
  Array.from({ length: count }, (_, seed) => answersUntilAlarm(share, objective, seed + 1, most));
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

test.each([
  [0.01, 1.5, 10_000],
  [0.01, 2, 3_000],
  [0.01, 4, 450],
  [0.01, 12, 56],
  [0.05, 1.5, 10_000],
  [0.05, 2, 3_000],
  [0.05, 12, 12],
])('against %d, %d times as many bad answers are found within %d in the middle', (objective, times, limit) => {
  expect(median(runs(objective * times, objective, 41, 100_000))).toBeLessThanOrEqual(limit);
});

test.each([0.01, 0.05])(
  'a share of exactly %d raises no more than one alarm in 150 streams of 60,000 answers',
  (objective) => {
    const alarms = runs(objective, objective, 150, 60_000).filter((answers) => answers < Infinity);
    expect(alarms.length).toBeLessThanOrEqual(1);
  },
);

test('what is found is said with the answers that speak for it', () => {
  const long = addBlock(NO_EXCESS, { good: 5_000, bad: 5 }, 0.01);
  const failing = addBlock(long, { good: 10, bad: 10 }, 0.01);
  expect(loudest(failing)).toMatchObject({ good: 10, bad: 10 });
});

test('a block of clumps says no more than it may', () => {
  const [all, some] = [Infinity, 5].map((most) => excessOf(addBlock(NO_EXCESS, { good: 0, bad: 50 }, 0.05, most)));
  expect(all).toBeGreaterThan(1e6);
  expect(some).toBeLessThan(ALARM);
});

test('nothing answered is no evidence', () => {
  expect(addBlock(NO_EXCESS, { good: 0, bad: 0 }, 0.01)).toBe(NO_EXCESS);
  expect(excessOf(NO_EXCESS)).toBeCloseTo(1);
});

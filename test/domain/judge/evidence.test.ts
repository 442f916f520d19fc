import {
  addPair,
  beginEvidence,
  ONE_BY_ONE,
  valueOf,
  type Evidence,
  type Method,
} from '../../../domain/judge/evidence';
import type { Pair } from '../../../domain/judge/odds';

const METHOD: Method = { ...ONE_BY_ONE, ratios: [4, 16, 64], patience: 50 };
const pair = (newAnswers: number, newBad: number, oldAnswers: number, oldBad: number): Pair => ({
  newAnswers,
  newBad,
  oldAnswers,
  oldBad,
});
const after = (pairs: readonly (readonly [at: number, pair: Pair])[], method = METHOD): Evidence =>
  pairs.reduce((evidence, [at, each]) => addPair(evidence, at, each, method), beginEvidence(method));

test('it begins at 1, and answers without anything bad leave it there', () => {
  expect(valueOf(beginEvidence(METHOD), METHOD)).toBe(1);
  expect(valueOf(after([[0, pair(10, 0, 90, 0)]]), METHOD)).toBe(1);
});

test('answers of one release wait for those of the other', () => {
  const waiting = after([[0, pair(1, 1, 0, 0)]]);
  expect(valueOf(waiting, METHOD)).toBe(1);
  const compared = addPair(waiting, 500, pair(0, 0, 9, 0), METHOD);
  expect(valueOf(compared, METHOD)).toBeGreaterThan(2);
  expect(compared.openSince).toBeNull();
});

test('answers that are more than a minute apart are not of the same seconds', () => {
  const late = after([
    [0, pair(1, 1, 0, 0)],
    [61_000, pair(0, 0, 9, 0)],
  ]);
  expect(valueOf(late, METHOD)).toBe(1);
  expect(late.open).toEqual(pair(0, 0, 9, 0));
});

test('five errors in a row of the new release alone are evidence of a thousand to one', () => {
  const bad = Array.from({ length: 5 }, (_, i) => [i * 250, pair(1, 1, 9, 0)] as const);
  expect(valueOf(after(bad), METHOD)).toBeGreaterThan(1_000);
});

test('a long good time costs little: a fault that begins late is seen with few more errors', () => {
  const good = Array.from(
    { length: 2_000 },
    (_, i) => [i, pair(10, i % 10 === 0 ? 1 : 0, 90, i % 10 === 0 ? 9 : 0)] as const,
  );
  const failing = Array.from({ length: 9 }, (_, i) => [2_000 + i, pair(1, 1, 9, 0)] as const);
  expect(valueOf(after(good), METHOD)).toBeLessThan(1);
  expect(valueOf(after([...good, ...failing]), METHOD)).toBeGreaterThan(1_000);
});

test('it tells since when most speaks for a fault, with the counts since then', () => {
  const good = Array.from({ length: 50 }, (_, i) => [i, pair(10, 0, 90, i % 2)] as const);
  const failing = Array.from({ length: 6 }, (_, i) => [50 + i, pair(2, 1, 9, 0)] as const);
  expect(after([...good, ...failing]).recent).toMatchObject({ newBad: 6, newAnswers: 12, oldBad: 0 });
});

describe('what comes in clumps', () => {
  const CLUMPS: Method = { ...METHOD, clumps: { forMs: 500, most: 3 } };
  const bad = (at: number) => [at, pair(50, 50, 450, 0)] as const;

  test('is gathered for half a second', () => {
    expect(valueOf(after([bad(0), bad(250)], CLUMPS), CLUMPS)).toBe(1);
    expect(valueOf(after([bad(0), bad(250), bad(500)], CLUMPS), CLUMPS)).toBeGreaterThan(1);
  });

  test('says no more than its most, however many they are, and adds up over time', () => {
    const looks = (count: number) => Array.from({ length: 3 * count }, (_, i) => bad(i * 250));
    expect(valueOf(after(looks(1), CLUMPS), CLUMPS)).toBeLessThanOrEqual(Math.exp(3));
    expect(valueOf(after(looks(5), CLUMPS), CLUMPS)).toBeGreaterThan(1_000);
  });
});

test('a ratio that is tolerated is no evidence, however often it is seen, and a greater one is', () => {
  const strict: Method = { ...METHOD, ratios: [2, 4, 16] };
  const tolerant: Method = { ...METHOD, tolerated: 2 };
  const seen = (newBad: number) => Array.from({ length: 300 }, (_, i) => [i, pair(100, newBad, 900, 90)] as const);
  expect(valueOf(after(seen(17), strict), strict)).toBeGreaterThan(1_000);
  expect(valueOf(after(seen(17), tolerant), tolerant)).toBeLessThan(1);
  expect(valueOf(after(seen(50), tolerant), tolerant)).toBeGreaterThan(1_000);
});

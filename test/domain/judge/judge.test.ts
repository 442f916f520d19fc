import { alarm, conclude, JUDGE_START, judgeBlock, type JudgeState, type Objective } from '../../../domain/judge/judge';

const OBJECTIVE: Objective = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30 };

/** A small generator with a fixed seed (mulberry32), so that a run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Answers until the alarm, or null within `most`. */
function answersToAlarm(share: number, most: number, random: () => number): number | null {
  let state: JudgeState = JUDGE_START;
  for (let answers = 1; answers <= most; answers++) {
    state = judgeBlock(state, { answers: 1, errors: random() < share ? 1 : 0, slow: 0 }, OBJECTIVE);
    if (alarm(state, OBJECTIVE) !== null) return answers;
  }
  return null;
}

describe('the judge against an objective', () => {
  test('sees 12 % errors against 1 % within about 54 answers in the middle', () => {
    const random = seeded(7);
    const runs = Array.from({ length: 1_000 }, () => answersToAlarm(0.12, 5_000, random) ?? Infinity).sort(
      (a, b) => a - b,
    );
    expect(runs[500]).toBeGreaterThan(40);
    expect(runs[500]).toBeLessThan(70);
    expect(runs[950]).toBeLessThan(250);
  });

  test('raises hardly a false alarm in 400,000 answers with 0.5 % errors', () => {
    const random = seeded(11);
    const alarms = Array.from({ length: 20 }, () => answersToAlarm(0.005, 20_000, random)).filter((at) => at !== null);
    expect(alarms).toHaveLength(0);
  });

  test('sees a release that fails altogether within six answers', () => {
    expect(answersToAlarm(1, 100, () => 0)).toBeLessThanOrEqual(6);
  });

  test('says why with value, limit, sample size and source', () => {
    const state = judgeBlock(JUDGE_START, { answers: 100, errors: 12, slow: 0 }, OBJECTIVE);
    expect(alarm(state, OBJECTIVE)).toMatchObject({
      measure: 'errors',
      value: '12 %',
      samples: '12 of 100 answers',
      source: 'router',
    });
  });

  test('sees slow answers the same way', () => {
    const state = judgeBlock(JUDGE_START, { answers: 100, errors: 0, slow: 60 }, OBJECTIVE);
    expect(alarm(state, OBJECTIVE)?.measure).toBe('answers slower than 1000 ms');
  });
});

describe('the end of a watch', () => {
  const after = (answers: number, errors: number) =>
    conclude(judgeBlock(JUDGE_START, { answers, errors, slow: 0 }, OBJECTIVE), OBJECTIVE);
  test('is inconclusive below the least number of answers', () => expect(after(29, 0).verdict).toBe('inconclusive'));
  test('is healthy from there on', () => expect(after(30, 0).verdict).toBe('healthy'));
  test('is not healthy while the share is above the objective', () =>
    expect(after(100, 2).verdict).toBe('inconclusive'));
  test('is inconclusive without any answer', () =>
    expect(conclude(JUDGE_START, OBJECTIVE).verdict).toBe('inconclusive'));
});

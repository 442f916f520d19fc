import fc from 'fast-check';
import { NO_ANSWERS, type Side } from '../../../domain/judge/comparing';
import { whyOf } from '../../../domain/judge/finding';
import { conclude } from '../../../domain/judge/conclude';
import { alarm, JUDGE_START, judgeMoment, type JudgeState, type Objective } from '../../../domain/judge/judge';

const OBJECTIVE: Objective = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: 0.001 };

const side = (answers: number, errors = 0, more: Partial<Side> = {}): Side => ({
  ...NO_ANSWERS,
  answers,
  errors,
  ...more,
});

interface Given {
  readonly newSide: Side;
  readonly oldSide?: Side;
}

const after = (moments: readonly Given[], isAlone: boolean | null = null): JudgeState =>
  moments.reduce(
    (state, { newSide, oldSide = NO_ANSWERS }, i) =>
      judgeMoment(state, { at: i * 250, newSide, oldSide }, OBJECTIVE, isAlone),
    JUDGE_START,
  );
const times = (count: number, given: Given): readonly Given[] => Array.from({ length: count }, () => given);

describe('without an old release', () => {
  test('a release that fails altogether is seen within six answers', () => {
    expect(alarm(after(times(6, { newSide: side(1, 1) }), true), OBJECTIVE)).not.toBeNull();
  });

  test('says why with value, limit, sample size and source', () => {
    const finding = alarm(after([{ newSide: side(100, 12) }], true), OBJECTIVE);
    expect(finding && whyOf(finding)).toMatchObject({
      measure: 'errors',
      value: '12 %',
      limit: '1 %',
      samples: '12 of 100 answers',
      source: 'router',
    });
  });

  test('sees slow answers the same way', () => {
    const finding = alarm(after(times(8, { newSide: side(25, 0, { slow: 15 }) }), true), OBJECTIVE);
    expect(finding && whyOf(finding).measure).toBe('answers slower than 1000 ms');
    expect(finding?.value).toBeGreaterThan(0.5);
  });

  test('slow ones count in moments in which nothing is answered, and not again when their answers come', () => {
    // Twenty clients in a closed loop: every second all of them hang at a slow page.
    const round = [
      { newSide: side(16) },
      ...times(3, { newSide: side(0) }),
      { newSide: side(0, 0, { slow: 4 }) },
      ...times(3, { newSide: side(0) }),
      { newSide: side(4) },
    ];
    const rounds = times(6, round[0] as Given).flatMap(() => round);
    const state = after(rounds, true);
    expect(state.alone).toEqual({ answers: 120, errors: 0, slow: 24 });
    expect(alarm(state, OBJECTIVE)).toMatchObject({ measure: 'slow', value: 0.2 });
    expect(conclude(after(rounds.slice(0, 18), true), { ...OBJECTIVE, alpha: 1e-30 })).toMatchObject({
      verdict: 'inconclusive',
      finding: { measure: 'slow', limit: 0.05 },
    });
  });

  test('late slow answers that come when nobody asks any more are held against those that were asked with them', () => {
    const usual = { newSide: side(25, 0, { slow: 1 }) };
    const state = after(
      [...times(40, usual), ...times(4, { newSide: side(0, 0, { slow: 1 }) }), { newSide: side(4) }],
      true,
    );
    expect(alarm(state, OBJECTIVE)).toBeNull();
    expect(conclude(state, OBJECTIVE).verdict).toBe('healthy');
  });

  test('a share above its limit never ends as healthy, however it came about', () => {
    const counts = fc.nat({ max: 60 });
    const moment = fc
      .record({ answers: counts, errors: counts, slow: fc.nat({ max: 6 }) })
      .map(({ answers, errors, slow }): Given => ({ newSide: side(answers, Math.min(errors % 3, answers), { slow }) }));
    const check = (moments: readonly Given[]): void => {
      const state = after(moments, true);
      const { answers, errors, slow } = state.newRelease;
      const isAbove = errors > OBJECTIVE.errors * answers || slow > OBJECTIVE.slow * answers;
      if (isAbove) expect(conclude(state, OBJECTIVE).verdict).not.toBe('healthy');
    };
    fc.assert(fc.property(fc.array(moment, { maxLength: 60 }), check), { numRuns: 300, seed: 11 });
  });

  test('finds out by itself that there is none after 20 answers', () => {
    const failing = { newSide: side(1, 1) };
    expect(alarm(after(times(19, failing)), OBJECTIVE)).toBeNull();
    expect(alarm(after(times(20, failing)), OBJECTIVE)).toMatchObject({ against: 'objective' });
  });

  test('the end of a watch is inconclusive below the least number, and says what is missing', () => {
    const { verdict, finding, needs } = conclude(after(times(29, { newSide: side(1) }), true), OBJECTIVE);
    expect({ verdict, finding, needs }).toMatchObject({
      verdict: 'inconclusive',
      finding: { measure: 'answers', value: 29, limit: 30 },
      needs: { requests: 1, seconds: 1 },
    });
  });

  test('it is healthy from there on', () =>
    expect(conclude(after(times(30, { newSide: side(1) }), true), OBJECTIVE).verdict).toBe('healthy'));

  test('whoever asks for four answers is content with four good ones', () => {
    const few = { ...OBJECTIVE, minimum: 4 };
    expect(conclude(after(times(4, { newSide: side(1) }), true), few).verdict).toBe('healthy');
  });

  test('it is not healthy while the share is above the objective', () =>
    expect(conclude(after([{ newSide: side(100, 2) }], true), OBJECTIVE).verdict).toBe('inconclusive'));

  test('it is inconclusive without any answer', () =>
    expect(conclude(JUDGE_START, OBJECTIVE)).toMatchObject({
      verdict: 'inconclusive',
      needs: { requests: 30, seconds: null },
    }));
});

describe('beside an old release', () => {
  const good = { newSide: side(3), oldSide: side(25) };

  test('errors of the new release alone are an alarm that names both shares', () => {
    const finding = alarm(
      after([...times(40, good), ...times(6, { newSide: side(2, 1), oldSide: side(25) })]),
      OBJECTIVE,
    );
    expect(finding).toMatchObject({ measure: 'errors', against: 'old release', value: 0.5, limit: 0, samples: 12 });
    expect(finding && whyOf(finding).limit).toMatch(/^old release 0 %; evidence [\d,]+ to 1$/);
  });

  test('errors of both are none', () => {
    const shared = after([...times(40, good), ...times(200, { newSide: side(3, 1), oldSide: side(25, 8) })]);
    expect(alarm(shared, OBJECTIVE)).toBeNull();
  });

  test('a route that fails on the new release is named', () => {
    const routes = (errors: number) => ({ '/pay': { answers: 1, errors }, '/': { answers: 9, errors: 0 } });
    const failing = {
      newSide: side(10, 1, { routes: routes(1) }),
      oldSide: side(90, 9, { routes: { '/pay': { answers: 9, errors: 0 }, '/': { answers: 81, errors: 9 } } }),
    };
    expect(alarm(after(times(12, failing)), OBJECTIVE)).toMatchObject({ measure: 'errors', route: '/pay', value: 1 });
  });

  test('answers above the p95 of the old release are slow, but not the first twenty of a fresh process', () => {
    const slow = {
      newSide: side(2, 0, { timed: 2, overP95: 2, overP99: 1 }),
      oldSide: side(18, 0, { timed: 18, overP95: 1 }),
    };
    expect(alarm(after(times(10, slow)), OBJECTIVE)).toBeNull();
    expect(alarm(after(times(25, slow)), OBJECTIVE)).toMatchObject({ measure: 'slow', against: 'old release' });
  });

  test('healthy needs enough answers of both', () => {
    expect(conclude(after(times(5, good)), OBJECTIVE)).toMatchObject({
      verdict: 'inconclusive',
      needs: { requests: 15 },
    });
    expect(conclude(after(times(40, good)), OBJECTIVE).verdict).toBe('healthy');
  });

  test('evidence that is no alarm yet keeps it from being healthy', () => {
    const suspect = after([...times(200, good), ...times(3, { newSide: side(2, 1), oldSide: side(25) })]);
    expect(alarm(suspect, OBJECTIVE)).toBeNull();
    expect(conclude(suspect, OBJECTIVE)).toMatchObject({
      verdict: 'inconclusive',
      finding: { against: 'old release' },
    });
  });

  test('with many errors of both, healthy has to be shown by comparison', () => {
    const shaky = (count: number) =>
      conclude(after(times(count, { newSide: side(10, 1), oldSide: side(10, 1) })), OBJECTIVE);
    expect(shaky(3)).toMatchObject({ verdict: 'inconclusive', needs: { requests: expect.any(Number) } });
    expect(shaky(20).verdict).toBe('healthy');
  });

  test('when the old release loses its traffic the objective takes over, after as many answers as chance could explain', () => {
    const alone = [...times(40, { newSide: side(10), oldSide: side(10) }), ...times(27, { newSide: side(1, 1) })];
    expect(alarm(after(alone), OBJECTIVE)).toBeNull();
    expect(alarm(after([...alone, ...times(5, { newSide: side(1, 1) })]), OBJECTIVE)).toMatchObject({
      against: 'objective',
    });
  });

  test('the state survives being written as JSON', () => {
    const state = after(times(10, { newSide: side(3, 1), oldSide: side(25) }));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

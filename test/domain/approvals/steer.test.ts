import {
  decidePause,
  decidePromote,
  decideResume,
  type Doing,
  type SteeringState,
} from '../../../domain/approvals/steer';

const POLICY = { from: ['ana', 'bo'], requester: 'may-not' as const };
const WATCH: Doing = { kind: 'watch', requester: 'ana', policy: POLICY, held: false };
const BUILD: Doing = { kind: 'step', name: 'build' };
const PAUSE = { by: 'bo', since: '2026-11-25T10:00:00.000Z' };

const state = (change: Partial<SteeringState> = {}): SteeringState => ({
  tooLate: null,
  pause: null,
  promotedBy: null,
  doing: BUILD,
  ...change,
});

describe('a pause', () => {
  test.each([
    [BUILD, 'the next step waits'],
    [WATCH, 'the watch goes on and may still say no'],
    [{ kind: 'exposed' }, 'its watch goes on and may say no'],
    [{ kind: 'approval' }, 'the approval is still waited for, until its deadline'],
    [{ kind: 'waiver' }, 'the waiver is still waited for, until its deadline'],
  ] as const)('counts during %j, and says what goes on meanwhile', (doing, words) => {
    expect(decidePause(state({ doing }))).toEqual({ accepted: true, reason: expect.stringContaining(words) as string });
  });

  test('is refused when there is one already, and when it is too late', () => {
    expect(decidePause(state({ pause: PAUSE }))).toEqual({
      accepted: false,
      reason: 'paused already, by bo since 2026-11-25T10:00:00.000Z',
    });
    expect(decidePause(state({ tooLate: 'it has ended' }))).toEqual({ accepted: false, reason: 'it has ended' });
  });

  test('is ended by a resume, which is refused without one and when it is too late', () => {
    expect(decideResume(state({ pause: PAUSE })).accepted).toBe(true);
    expect(decideResume(state())).toEqual({ accepted: false, reason: 'it is not paused' });
    expect(decideResume(state({ pause: PAUSE, tooLate: 'it has ended' })).accepted).toBe(false);
  });
});

describe('a promotion', () => {
  test('ends a watch, and counts as a waiver where one is waited for', () => {
    expect(decidePromote(state({ doing: WATCH }), 'bo')).toMatchObject({ accepted: true });
    expect(decidePromote(state({ doing: { ...WATCH, held: true } }), 'bo').reason).toMatch(/^counts as a waiver/);
    expect(decidePromote(state({ doing: { ...WATCH, policy: null } }), 'anybody').accepted).toBe(true);
  });

  test.each([
    ['cy', 'cy is not among those who may decide'],
    ['ana', 'ana asked for this deployment'],
  ])('of a watch by %s, who may waive nothing here, is refused, paused or not', (by, words) => {
    for (const pause of [null, PAUSE]) {
      expect(decidePromote(state({ doing: WATCH, pause }), by)).toEqual({
        accepted: false,
        reason: expect.stringContaining(words) as string,
      });
    }
  });

  test('comes once for each watch', () => {
    expect(decidePromote(state({ doing: WATCH, promotedBy: 'bo' }), 'bo')).toEqual({
      accepted: false,
      reason: 'promoted already, by bo',
    });
  });

  test('ends a pause wherever it is, by anybody, and says what is waited for still', () => {
    expect(decidePromote(state({ pause: PAUSE }), 'cy')).toEqual({ accepted: true, reason: 'the pause by bo is over' });
    expect(decidePromote(state({ pause: PAUSE, doing: { kind: 'approval' } }), 'cy')).toEqual({
      accepted: true,
      reason: 'the pause by bo is over; an approval is waited for, which `mvca approve` gives',
    });
  });

  test.each([
    [BUILD, 'nothing is waited for that could be skipped: build is under way'],
    [{ kind: 'exposed' }, 'nothing is waited for that could be skipped'],
    [{ kind: 'approval' }, 'an approval is waited for, which `mvca approve` gives'],
    [{ kind: 'waiver' }, 'a waiver is waited for, which `mvca waive` gives'],
  ] as const)('is refused during %j', (doing, reason) => {
    expect(decidePromote(state({ doing }), 'bo')).toEqual({ accepted: false, reason });
  });

  test('is refused when it is too late', () => {
    expect(decidePromote(state({ doing: WATCH, tooLate: 'it has ended' }), 'bo')).toEqual({
      accepted: false,
      reason: 'it has ended',
    });
  });
});

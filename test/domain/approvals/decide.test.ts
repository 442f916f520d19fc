import fc from 'fast-check';
import {
  decideAbort,
  decideApprove,
  decideReject,
  decideWaive,
  openAfter,
  readMessage,
  type ApprovalState,
} from '../../../domain/approvals/decide';

const waiting = (change: Partial<ApprovalState> = {}): ApprovalState => ({
  requester: 'ana',
  digest: 'sha256:plan',
  policy: { from: [], needs: 1, requester: 'may-not' },
  given: [],
  ...change,
});

describe('an approval', () => {
  const cases: [string, ApprovalState | string | null, { by: string; digest: string }, boolean, RegExp][] = [
    ['of another person counts', waiting(), { by: 'bo', digest: 'sha256:plan' }, true, /1 of 1/],
    ['of one’s own deployment is refused', waiting(), { by: 'ana', digest: 'sha256:plan' }, false, /somebody else/],
    [
      'of one’s own deployment counts where the spec allows it',
      waiting({ policy: { from: [], needs: 1, requester: 'may' } }),
      { by: 'ana', digest: 'sha256:plan' },
      true,
      /1 of 1/,
    ],
    ['for another digest is refused', waiting(), { by: 'bo', digest: 'sha256:other' }, false, /sha256:plan/],
    [
      'of somebody who is not listed is refused',
      waiting({ policy: { from: ['cy'], needs: 1, requester: 'may-not' } }),
      { by: 'bo', digest: 'sha256:plan' },
      false,
      /not among/,
    ],
    ['given twice counts once', waiting({ given: ['bo'] }), { by: 'bo', digest: 'sha256:plan' }, false, /already/],
    [
      'of a second person is counted',
      waiting({ given: ['bo'], policy: { from: [], needs: 2, requester: 'may-not' } }),
      { by: 'cy', digest: 'sha256:plan' },
      true,
      /2 of 2/,
    ],
    [
      'is too late after the decision, and hears how it ended',
      'approved by bo',
      { by: 'cy', digest: 'sha256:plan' },
      false,
      /^too late, .*approved by bo$/,
    ],
    ['is refused when none is waited for', null, { by: 'bo', digest: 'sha256:plan' }, false, /no approval/],
  ];
  test.each(cases)('%s', (_title, state, message, accepted, reason) => {
    const decision = decideApprove(state, message);
    expect(decision.accepted).toBe(accepted);
    expect(decision.reason).toMatch(reason);
  });
});

describe('a rejection', () => {
  test('may come from the requester', () => expect(decideReject(waiting(), { by: 'ana' }).accepted).toBe(true));
  test('for another digest is refused', () =>
    expect(decideReject(waiting(), { by: 'bo', digest: 'x' }).accepted).toBe(false));
  test('is too late after the decision', () =>
    expect(decideReject('approved by bo', { by: 'cy' }).reason).toMatch(/^too late, .*approved by bo$/));
  test('is refused when nothing waits', () => expect(decideReject(null, { by: 'bo' }).accepted).toBe(false));
});

describe('a waiver', () => {
  const state = {
    requester: 'ana',
    policy: { from: [], requester: 'may-not' as const },
    open: ['tests/unit', 'tests/coverage'],
  };
  const all = { by: 'bo', reason: 'ok', finding: null };
  test('needs a written reason', () => expect(decideWaive(state, { ...all, reason: ' ' }).reason).toMatch(/reason/));
  test('needs a second person where the approval does', () =>
    expect(decideWaive(state, { ...all, by: 'ana' }).accepted).toBe(false));
  test('of a second person counts', () =>
    expect(decideWaive(state, all)).toEqual({ accepted: true, reason: 'goes on' }));
  test('is refused when nothing waits for one', () => expect(decideWaive(null, all).accepted).toBe(false));
  test('that names a finding leaves the others open', () => {
    expect(decideWaive(state, { ...all, finding: 'tests/unit' }).reason).toBe('still open: tests/coverage');
    expect(decideWaive(state, { ...all, finding: 'coverage' }).reason).toBe('still open: tests/unit');
    expect(openAfter(state.open, 'coverage')).toEqual(['tests/unit']);
    expect(decideWaive({ ...state, open: ['tests/unit'] }, { ...all, finding: 'unit' }).reason).toBe('goes on');
  });
  test('of a finding that is not open is refused with those that are', () => {
    const { accepted, reason } = decideWaive(state, { ...all, finding: 'smoke/get' });
    expect([accepted, reason]).toEqual([false, '`smoke/get` is not open; open: tests/unit, tests/coverage']);
  });
  test('everywhere is for the environments to come as well, where there are any', () => {
    const several = { ...state, later: ['production'] };
    expect(decideWaive(several, { ...all, finding: '*' }).reason).toBe(
      'goes on; in production as well, if it says the same',
    );
    expect(decideWaive(several, { ...all, finding: '*/unit' }).reason).toMatch(
      /^still open: tests\/coverage; in production/,
    );
    expect(decideWaive(state, { ...all, finding: '*' }).reason).toBe('goes on');
  });
});

test('who asked is told what else they can do, where they work alone', () => {
  const { accepted, reason } = decideApprove(waiting(), { by: 'ana', digest: 'sha256:plan' });
  expect(accepted).toBe(false);
  expect(reason).toContain('`approval: { requester: may }`');
  expect(reason).toContain('mvca deploy --on-conflict supersede');
});

test('an abort that comes too late is refused with the reason', () => {
  expect(decideAbort(null).accepted).toBe(true);
  expect(decideAbort('it has ended')).toEqual({ accepted: false, reason: 'it has ended' });
});

describe('a message from outside', () => {
  test('is read whole, or refused with words, whatever it holds', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        const read = readMessage(message, ['reason']);
        if (read.ok) expect(read.fields['reason']?.trim()).not.toBe('');
        else expect(read.reason).not.toBe('');
      }),
    );
  });
  test('without a name is refused', () =>
    expect(readMessage({ reason: 'x' }, ['reason'])).toMatchObject({ ok: false }));
  test('with control characters in the name is refused', () =>
    expect(readMessage({ by: 'a\nb', reason: 'x' }, [])).toMatchObject({ ok: false }));
});

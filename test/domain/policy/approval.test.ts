import fc from 'fast-check';
import { effectiveApproval, isAsStrong } from '../../../domain/policy/approval';
import type { ApprovalSpec } from '../../../domain/spec/spec';

const PEOPLE = ['ana', 'bo', 'cy', 'mallory'];

const approval: fc.Arbitrary<ApprovalSpec | null> = fc.option(
  fc.record({
    from: fc.subarray(PEOPLE),
    needs: fc.integer({ min: 1, max: 4 }),
    requester: fc.constantFrom('may' as const, 'may-not' as const),
    deadlineMs: fc.integer({ min: 1, max: 100 }),
    onRejected: fc.constantFrom('keep' as const, 'undo' as const),
  }),
);

const policy = (change: Partial<ApprovalSpec> = {}): ApprovalSpec => ({
  from: ['ana', 'bo'],
  needs: 1,
  requester: 'may-not',
  deadlineMs: 60_000,
  onRejected: 'keep',
  ...change,
});

test('the policy that applies is never weaker than the kept one, or nobody could satisfy it', () => {
  fc.assert(
    fc.property(approval, approval, (kept, asked) => {
      const { approval: applies, impossible } = effectiveApproval(kept, asked);
      expect(impossible !== null || isAsStrong(applies, kept)).toBe(true);
    }),
  );
});

test('it is never weaker than the spec either, unless the spec has too few of the people who are kept', () => {
  fc.assert(
    fc.property(approval, approval, (kept, asked) => {
      const { approval: applies, impossible } = effectiveApproval(kept, asked);
      const people = asked === null || kept === null ? [] : asked.from.filter((name) => kept.from.includes(name));
      const anybody = kept === null || asked === null || kept.from.length === 0 || asked.from.length === 0;
      const needs = Math.max(kept?.needs ?? 0, asked?.needs ?? 0);
      const named = kept?.from.length === 0 ? (asked?.from ?? []) : people;
      fc.pre(impossible === null && (named.length >= needs || (anybody && named.length === 0)));
      expect(isAsStrong(applies, asked)).toBe(true);
    }),
  );
});

test('a spec is called weaker exactly where it is not as strong as what is kept, and then what is kept counts', () => {
  fc.assert(
    fc.property(approval, approval, (kept, asked) => {
      const { weaker } = effectiveApproval(kept, asked);
      expect(weaker.length === 0).toBe(isAsStrong(asked, kept));
    }),
  );
});

test('the same policy asked again stays as it is', () => {
  fc.assert(
    fc.property(approval, (kept) => {
      fc.pre(kept === null || kept.from.length === 0 || kept.from.length >= kept.needs);
      expect(effectiveApproval(kept, kept)).toEqual({ approval: kept, weaker: [], impossible: null });
    }),
  );
});

test('strength is an order: what is as strong as one that is as strong as a third is as strong as the third', () => {
  fc.assert(
    fc.property(approval, approval, approval, (a, b, c) => {
      fc.pre(isAsStrong(a, b) && isAsStrong(b, c));
      expect(isAsStrong(a, c)).toBe(true);
    }),
  );
});

test.each([
  ['who names only herself waits for the kept people', { from: ['mallory'], requester: 'may' }, ['ana', 'bo']],
  ['who leaves out the names has the kept ones', { from: [] }, ['ana', 'bo']],
  ['who names fewer of the kept people has those', { from: ['bo'] }, ['bo']],
  ['who mixes in another has only the kept ones of them', { from: ['bo', 'mallory'] }, ['bo']],
] as const)('%s', (_title, asked, from) => {
  const { approval: applies } = effectiveApproval(policy(), policy(asked));
  expect(applies).toMatchObject({ from, requester: 'may-not' });
});

test('who asks for nobody at all is told so, and the kept policy applies', () => {
  const { approval: applies, weaker } = effectiveApproval(policy(), null);
  expect(applies).toEqual(policy());
  expect(weaker).toEqual(['`none`, so that nobody is asked']);
});

test('more approvals than the kept policy names people for are refused with both', () => {
  const { impossible } = effectiveApproval(policy(), policy({ from: [], needs: 3 }));
  expect(impossible).toBe('3 approvals are asked for, and the kept policy names ana, bo only');
});

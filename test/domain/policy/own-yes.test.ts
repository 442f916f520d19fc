import { asksForOwnYes, withOwnYes } from '../../../domain/policy/own-yes';
import type { KeptEnvironment, KeptPolicy } from '../../../domain/policy/policy';
import type { ApprovalSpec } from '../../../domain/spec/spec';

const FOUR_EYES: ApprovalSpec = { from: [], needs: 1, requester: 'may-not', deadlineMs: 1, onRejected: 'keep' };
const OWN: ApprovalSpec = { ...FOUR_EYES, requester: 'may' };

const kept = (change: Partial<KeptEnvironment> = {}): KeptPolicy => ({
  app: 'shop',
  repository: null,
  since: '2026-01-01',
  by: 'ana',
  environments: [
    { environment: 'production', approval: FOUR_EYES, addresses: [], since: '2026-01-01', by: 'ana', ...change },
  ],
});
const asked = (approval: ApprovalSpec | null = OWN, by = 'ana', othersHeard = false) => ({
  by,
  claims: [{ environment: 'production' as const, approval, addresses: [] }],
  othersHeard,
});

test('a person of whom alone was ever heard may still say yes to their own deployments', () => {
  expect(withOwnYes(kept(), asked())).toEqual(kept({ approval: OWN }));
  expect(withOwnYes(kept({ approval: { ...FOUR_EYES, from: ['ana'] } }), asked())?.environments[0]?.approval).toEqual({
    ...OWN,
    from: ['ana'],
  });
});

test.each<[string, KeptPolicy, ReturnType<typeof asked>]>([
  ['somebody else was heard', kept(), asked(OWN, 'ana', true)],
  ['somebody else recorded it', kept({ by: 'bo' }), asked()],
  ['another person asks now', kept(), asked(OWN, 'mallory')],
  ['two have to agree', kept({ approval: { ...FOUR_EYES, needs: 2 } }), asked()],
  ['somebody else is named', kept({ approval: { ...FOUR_EYES, from: ['ana', 'bo'] } }), asked()],
  ['the spec does not ask for it', kept(), asked(FOUR_EYES)],
  ['the spec asks nobody', kept(), asked(null)],
])('what is kept stays where %s', (_title, before, speaking) => {
  expect(withOwnYes(before, speaking)).toEqual(before);
});

test('nobody is looked for where nothing of the kind is asked', () => {
  expect(asksForOwnYes(null, asked())).toBe(false);
  expect(asksForOwnYes(kept(), asked(FOUR_EYES))).toBe(false);
  expect(asksForOwnYes(kept(), asked())).toBe(true);
});

import { waivedBefore, type Doubt, type GivenWaiver } from '../../../domain/approvals/waivers';

const MESSAGE = 'no answer of payments.staging.example.com within 5.2 s';
const GIVEN: GivenWaiver = {
  by: 'bo',
  reason: 'known',
  environment: 'staging',
  everywhere: true,
  findings: [{ id: 'environment/service/payments', message: MESSAGE }],
};
const FOUR_EYES = { from: [], requester: 'may-not' as const };

const doubt = (message: string, change: Partial<Doubt> = {}): Doubt => ({
  environment: 'production',
  requester: 'ana',
  policy: FOUR_EYES,
  open: [{ id: 'environment/service/payments', message }],
  ...change,
});

const SAME = MESSAGE.replace('staging', 'production').replace('5.2', '7');

test.each<[string, Partial<GivenWaiver>, Doubt]>([
  ['the same in another environment, after a waiver for all', {}, doubt(SAME)],
  ['the same in the same environment', { everywhere: false }, doubt(MESSAGE, { environment: 'staging' })],
  ['anything where nobody has to agree', { by: 'ana' }, doubt(SAME, { policy: null })],
])('is not asked twice: %s', (_title, change, asked) => {
  expect(waivedBefore([{ ...GIVEN, ...change }], asked)).toMatch(/^waived by (bo|ana) in staging.*: known$/);
});

test.each<[string, Partial<GivenWaiver>, Doubt]>([
  ['another environment, after a waiver for one', { everywhere: false }, doubt(SAME)],
  ['another message', {}, doubt('payments answered 500')],
  ['another finding', { findings: [{ id: 'environment/node', message: MESSAGE }] }, doubt(SAME)],
  [
    'a second finding beside it',
    {},
    doubt(SAME, { open: [...doubt(SAME).open, { id: 'environment/node', message: 'x' }] }),
  ],
  ['whoever waived it may not decide here', { by: 'ana' }, doubt(SAME)],
  ['whoever waived it is not among the people here', {}, doubt(SAME, { policy: { from: ['cy'], requester: 'may' } })],
  ['nothing that is named', {}, doubt(SAME, { open: [] })],
])('is asked again: %s', (_title, change, asked) => {
  expect(waivedBefore([{ ...GIVEN, ...change }], asked)).toBeNull();
});

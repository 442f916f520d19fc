import { decideSupersede, type Replaceable } from '../../../domain/approvals/supersede';

const running: Replaceable = {
  app: 'shop',
  kind: 'deploy',
  superseded: null,
  tooLate: null,
  changedProduction: false,
};

test.each<[string, Partial<Replaceable>, boolean, RegExp]>([
  ['has changed nothing in production', {}, true, /nothing in production was changed/],
  ['makes room already', { superseded: 'by 1.2.0', tooLate: 'it is being undone' }, true, /already/],
  ['has begun to change production', { changedProduction: true }, false, /mvca abort shop --reason WHY, or .*queue/],
  ['comes to its end', { tooLate: 'the deployment has ended: rejected' }, false, /by itself .*queue/],
  ['is a rollback', { kind: 'rollback' }, false, /is a rollback/],
])('a deployment that %s', (_what, change, accepted, reason) => {
  expect(decideSupersede({ ...running, ...change })).toEqual({
    accepted,
    reason: expect.stringMatching(reason) as string,
  });
});

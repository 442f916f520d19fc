import { likelyApprovers, readApprovers, type People } from '../../../domain/init/approvers';

const people = (change: Partial<People> = {}): People => ({
  user: 'ana',
  accounts: [],
  authors: { names: ['ana'], addresses: ['ana@example.com'] },
  ...change,
});

test.each<[string, People, string]>([
  ['one account and one author', people(), 'alone'],
  ['no commit yet', people({ authors: { names: [], addresses: [] } }), 'alone'],
  ['one name with two addresses', people({ authors: { names: ['ana'], addresses: ['a@x', 'a@y'] } }), 'alone'],
  ['root beside one account', people({ user: 'root', accounts: ['ana'] }), 'alone'],
  ['two authors', people({ authors: { names: ['ana', 'bo'], addresses: ['a@x', 'b@x'] } }), 'others'],
  ['another account', people({ accounts: ['bo'] }), 'others'],
  ['root beside two accounts', people({ user: 'root', accounts: ['ana', 'bo'] }), 'others'],
  ['a name that nobody can have', people({ user: '-ana' }), 'others'],
])('of %s it is thought that who approves is: %s', (_title, given, kind) => {
  expect(likelyApprovers(given).kind).toBe(kind);
});

test.each<[string, unknown]>([
  [' alone ', { kind: 'alone', name: 'ana' }],
  ['ana', { kind: 'alone', name: 'ana' }],
  ['others', { kind: 'others' }],
  ['bo, cy,bo', { kind: 'named', names: ['bo', 'cy'] }],
  ['ana,bo', { kind: 'named', names: ['ana', 'bo'] }],
  ['bo,,cy', { kind: 'wrong', problem: expect.stringContaining('`alone`') }],
])('the answer %j is read', (text, approvers) => {
  expect(readApprovers(text, 'ana')).toEqual(approvers);
});

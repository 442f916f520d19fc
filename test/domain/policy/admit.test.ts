import { admit, isSameRepository } from '../../../domain/policy/admit';
import type { Claim, KeptPolicy, RepositoryId } from '../../../domain/policy/policy';
import { remoteName } from '../../../domain/policy/remote';

const HOME: RepositoryId = { remote: null, path: '', folder: '/home/ana/shop' };
const CLAIM: Claim = { environment: 'production', approval: null, addresses: [{ host: '127.0.0.1', port: 8080 }] };
const KEPT: KeptPolicy = { app: 'shop', repository: HOME, since: '2026-01-01', by: 'ana', environments: [] };

test.each([
  ['https://github.com/Acme/shop.git', 'github.com/Acme/shop'],
  ['https://token@github.com/Acme/shop/', 'github.com/Acme/shop'],
  ['git@GitHub.com:Acme/shop.git', 'github.com/Acme/shop'],
  ['ssh://git@github.com/Acme/shop', 'github.com/Acme/shop'],
  ['ssh://git@git.example.com:2222/shop.git', 'git.example.com:2222/shop'],
  ['/srv/git/shop.git', '/srv/git/shop'],
  ['file:///srv/git/shop.git', '/srv/git/shop'],
  ['', null],
  ['../shop', null],
  ['https://github.com', null],
  ['github.com:acme\nshop', null],
])('the remote %j is known as %j', (url, name) => {
  expect(remoteName(url)).toBe(name);
});

test.each([
  ['the same remote in another folder', { remote: 'a/b', folder: '/ci/1' }, { remote: 'a/b', folder: '/ci/2' }, true],
  ['another remote in the same folder', { remote: 'a/b' }, { remote: 'a/c' }, false],
  ['another application of the same remote', { remote: 'a/b', path: 'x' }, { remote: 'a/b', path: 'y' }, false],
  ['a remote that came later, in the same folder', { remote: null }, { remote: 'a/b' }, true],
  ['another folder without a remote', { folder: '/a' }, { folder: '/b' }, false],
])('is it the same repository: %s', (_title, one, other, same) => {
  expect(isSameRepository({ ...HOME, ...one }, { ...HOME, ...other })).toBe(same);
});

test('another repository under a kept name is refused with the owner and two ways on', () => {
  const thief = { ...HOME, folder: '/home/mallory/shop' };
  expect(admit({ app: 'shop', repository: thief, claims: [CLAIM] }, KEPT, [])).toEqual({
    kind: 'refused',
    reason:
      'the name shop belongs to another repository: /home/ana/shop, since 2026-01-01 by ana; this is /home/mallory/shop. ' +
      'Give this application another name (`app:`), or, if shop has moved here, say so in this folder: mvca policy set shop --repository .',
  });
});

test.each([
  ['another application', { app: 'victim', environment: 'production', host: '127.0.0.1', port: 8080 }],
  ['another application on all addresses', { app: 'victim', environment: 'staging', host: '0.0.0.0', port: 8080 }],
  ['another environment of its own', { app: 'shop', environment: 'staging', host: 'localhost', port: 8080 }],
] as const)('an address that is kept by %s is refused', (_title, taken) => {
  const answer = admit({ app: 'shop', repository: HOME, claims: [CLAIM] }, KEPT, [taken]);
  expect(answer).toMatchObject({ kind: 'refused', reason: expect.stringContaining(`kept by ${taken.environment}`) });
});

test('an address of its own, and another port, are no news', () => {
  const own = { app: 'shop', environment: 'production', host: '127.0.0.1', port: 8080 } as const;
  const other = { app: 'victim', environment: 'production', host: '127.0.0.1', port: 8081 } as const;
  expect(admit({ app: 'shop', repository: HOME, claims: [CLAIM] }, KEPT, [own, other]).kind).toBe('admitted');
});

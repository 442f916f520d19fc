import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSecretResolver } from '../../../activities/secrets';
import { readEnvGrants } from '../../../domain/secrets/env-grants';
import { homeAt } from '../../../system/home';
import type { Home } from '../../../system/home';
import { ALL_ENVIRONMENTS, setSecret, unsetSecret } from '../../../system/secret-store';

const VALUE = 'p4yment-h00k/+=canary';

let home: Home;
const environment: NodeJS.ProcessEnv = {};
const grants = readEnvGrants('shop/production:HOOK,HOOKS,NOTHING_LIKE_IT');
const SHOP = { app: 'shop', environment: 'production' };
/** As production of the shop asks. */
const resolver = () => {
  const access = createSecretResolver({ home, environment: { variables: environment, grants } });
  return {
    resolve: (reference: string) => access.resolve(reference, SHOP),
    version: (reference: string) => access.version(reference, SHOP),
  };
};

beforeEach(async () => {
  home = homeAt(await mkdtemp(path.join(os.tmpdir(), 'mvca-secrets-')));
  for (const name of Object.keys(environment)) delete environment[name];
});
afterEach(() => rm(home.root, { recursive: true, force: true }));

test('a variable of the worker is resolved, its version tells values apart and does not hold them', async () => {
  environment['HOOK'] = VALUE;
  const first = await resolver().resolve('secret://env/HOOK');
  environment['HOOK'] = `${VALUE}2`;
  const second = await resolver().resolve('secret://env/HOOK');
  environment['HOOK'] = VALUE;
  expect(first.value).toBe(VALUE);
  expect(second.version).not.toBe(first.version);
  expect(await resolver().version('secret://env/HOOK')).toBe(first.version);
  expect(first.version).toMatch(/^[0-9a-f]{12}$/);
});

test('a stored secret is resolved for one environment and for all', async () => {
  await setSecret(home, { app: 'shop', environment: 'production', name: 'HOOK' }, VALUE);
  await setSecret(home, { app: 'shop', environment: ALL_ENVIRONMENTS, name: 'HOOK' }, 'for all');
  expect((await resolver().resolve('secret://file/shop/production/HOOK')).value).toBe(VALUE);
  expect((await resolver().resolve('secret://file/shop/HOOK')).value).toBe('for all');
});

test('a stored secret that was removed and set to another value has another version', async () => {
  const reference = 'secret://file/shop/production/HOOK';
  await setSecret(home, { app: 'shop', environment: 'production', name: 'HOOK' }, VALUE);
  const before = await resolver().version(reference);
  await unsetSecret(home, { app: 'shop', environment: 'production', name: 'HOOK' });
  expect(await resolver().version(reference)).toBeNull();
  await setSecret(home, { app: 'shop', environment: 'production', name: 'HOOK' }, `${VALUE}2`);
  expect(await resolver().version(reference)).not.toBe(before);
});

test.each([
  ['secret://file/shop/production/HOOK', 'has no value; mvca secrets set shop production HOOK'],
  ['secret://file/shop/HOOK', 'has no value; mvca secrets set shop HOOK'],
  ['secret://env/HOOK', 'has no value; set it where the worker starts: HOOK=… mvca down && HOOK=… mvca up'],
  ['secret://vault/shop/HOOK', 'there is no provider `vault`; there are env, file'],
  ['secret://constructor/HOOK', 'there is no provider `constructor`; there are env, file'],
  ['secret://env/HOOK/MORE', 'does not have the form secret://env/NAME'],
  ['secret://env/MVCA_DATABASE', 'does not have the form secret://env/NAME'],
  ['secret://file/../shop/HOOK', 'does not have the form secret://file/APP/ENVIRONMENT/NAME'],
  ['secret://file/shop', 'does not have the form secret://file/APP/ENVIRONMENT/NAME'],
])('%s is refused for good: %s', async (reference, said) => {
  await expect(resolver().resolve(reference)).rejects.toMatchObject({
    type: 'SecretMissing',
    nonRetryable: true,
    message: expect.stringContaining(said),
  });
  expect(await resolver().version(reference)).toBeNull();
});

test('a mistyped name is told the one that is there', async () => {
  await setSecret(home, { app: 'shop', environment: 'production', name: 'PAYMENT_HOOK' }, VALUE);
  await expect(resolver().resolve('secret://file/shop/production/PAYMENTS_HOOK')).rejects.toThrow(
    'has no value (there is PAYMENT_HOOK)',
  );
});

test('a value that stands where a reference should is not repeated', async () => {
  const error: unknown = await resolver()
    .resolve(VALUE)
    .catch((caught: unknown) => caught);
  expect(String(error)).toContain('does not have the form');
  expect(JSON.stringify(error) + String(error)).not.toContain(VALUE);
});

test('a store that was changed is an error that names the file and holds no value', async () => {
  await setSecret(home, { app: 'shop', environment: 'production', name: 'HOOK' }, VALUE);
  const file = path.join(home.secrets, 'shop', 'production.sealed');
  expect(await readFile(file, 'utf8')).not.toContain(VALUE);
  await writeFile(file, (await readFile(file, 'utf8')).replace(/"data": ".{4}/, '"data": "AAAA'));
  const said = await resolver()
    .resolve('secret://file/shop/production/HOOK')
    .catch((caught: Error) => caught.message);
  expect(said).toContain(file);
  expect(said).not.toContain(VALUE);
  expect(await readdir(home.secrets)).toContain('key');
});

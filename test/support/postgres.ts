/** A PostgreSQL server as applications know one: on a TCP port, with a user who has a password. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresAccount } from '../../embedded/account';
import { openFolder, preparePostgres } from '../../embedded/postgres';
import { postgresBinaries } from '../../embedded/postgres-binaries';
import { homeAt } from '../../system/home';
import { freePort } from './ports';

export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `postgres://…` with the password in it. */
  readonly url: string;
  /** Runs statements in the application's database, as the server's owner. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Takes about 2 s; its data lie in a temporary folder that `stop` removes. */
export async function startPostgres(password = 'p@ss/w:rd'): Promise<TestPostgres> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mvca-postgres-'));
  const folder = path.join(root, 'postgres');
  const account = await postgresAccount(folder);
  const binaries = await postgresBinaries(homeAt(path.join(root, 'home')), account, () => undefined);
  const command = await preparePostgres(folder, binaries, account);
  const access = 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n';
  await writeFile(path.join(folder, 'data', 'pg_hba.conf'), access);
  const port = await freePort();
  const handle = await openFolder(folder);
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`, '-c', 'fsync=off'];
  const child = spawn(command.program, [...command.args, ...settings], {
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'ignore', handle.fd],
  });
  await handle.close();
  const owner = { host: path.join(folder, 'socket'), port, user: 'mvca', database: 'postgres' };
  await untilReady(() => ask(owner, 'select 1'));
  await ask(owner, `create role app login password '${password}'`);
  await ask(owner, 'create database app owner app');
  const place = { host: '127.0.0.1', port, user: 'app', password, database: 'app' };
  return {
    ...place,
    url: `postgres://app:${encodeURIComponent(password)}@127.0.0.1:${port}/app`,
    query: (sql) => ask({ ...owner, database: 'app' }, sql),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGINT');
        await gone;
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function ask(
  address: { host: string; port: number; user: string; database: string },
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ ...address, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a broken connection fails the question, which tells
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function untilReady(question: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return void (await question());
    } catch (error) {
      if (Date.now() > deadline) throw new Error('PostgreSQL did not start within 30 s', { cause: error });
      await sleep(50);
    }
  }
}

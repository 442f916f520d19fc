/** A real PostgreSQL of its own for one test file, with a fresh database for every test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { openRecords } from '../../../activities/records/database';
import { postgresAccount } from '../../../embedded/account';
import { databaseAddress, openFolder, preparePostgres, servesDatabase } from '../../../embedded/postgres';
import { postgresBinaries } from '../../../embedded/postgres-binaries';
import { homeAt } from '../../../system/home';

export interface TestServer {
  /** A pool on a new, empty database; closed by `stop`. */
  fresh(): Promise<Pool>;
  /** At once, as after a loss of power; its processes are gone afterwards. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Stops all of its processes where they are: it takes connections and answers nothing, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  stop(): Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mvca-records-'));
  const folder = path.join(root, 'postgres');
  const account = await postgresAccount(folder);
  const binaries = await postgresBinaries(homeAt(path.join(root, 'home')), account, () => undefined);
  const command = await preparePostgres(folder, binaries, account);
  const address = await databaseAddress(folder);
  const pools: Pool[] = [];
  let child: ReturnType<typeof spawn> | null = null;
  let databases = 0;

  const start = async (): Promise<void> => {
    const handle = await openFolder(folder);
    child = spawn(command.program, [...command.args, '-c', 'fsync=off'], {
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'ignore', handle.fd],
    });
    await handle.close();
    for (let tries = 0; !(await servesDatabase(address)); tries += 1) {
      if (tries > 300) throw new Error('PostgreSQL did not start within 30 s');
      await sleep(100);
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };

  const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = child?.pid ?? 0;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const each of [pid, ...children.split(' ').filter(Boolean).map(Number)]) {
      try {
        process.kill(each, signal);
      } catch {
        // ended meanwhile
      }
    }
  };

  await start();
  return {
    fresh: async () => {
      databases += 1;
      const database = `test_${databases}`;
      const admin = openRecords(address);
      await admin.query(`CREATE DATABASE ${database}`);
      await admin.end();
      const pool = openRecords({ ...address, database });
      pools.push(pool);
      return pool;
    },
    start,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    halt: () => end('SIGQUIT'),
    stop: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await end('SIGINT');
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Writes migrations into a folder of their own. */
export async function writeMigrations(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-migrations-'));
  await Promise.all(Object.entries(files).map(([name, sql]) => writeFile(path.join(folder, name), sql)));
  return folder;
}

/**
 * PostgreSQL of a home: its data in `<home>/engine/postgres/data`, one Unix socket in `…/socket`, no TCP, no password.
 *
 * Who may connect is decided by the kernel: the socket lies in a folder of mode 0700, so it is this user and root. That needs no secret
 * on disk, and works wherever a Unix socket does; a home whose path is too long for one is reached through a short link.
 *
 * As root the server runs under another account, which usually may not enter the home (`/root` is closed, and so is the home).
 * So the server never walks there: it is handed the folder, open, as descriptor 3, and knows it as `/proc/self/fd/3`.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { chown, mkdir, open, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { giveTo } from '../system/accounts';
import { syncFolder } from '../system/durable-file';
import { fitsSocket, runtimeFolder, shortName } from '../system/home';
import type { Home } from '../system/home';
import { ifMissing } from '../system/missing';
import { named } from '../system/sandbox/named';
import type { Account } from './account';
import { EngineRefusal } from './engine';
import type { DatabaseAddress } from './engine';
import { postgresFolder } from './places';
import type { PostgresBinaries } from './postgres-binaries';
import { POSTGRES_DATA } from './processes';

const GIVEN = '/proc/self/fd/3';
const PORT = 5432;
const USER = 'mvca';
const DATABASE = 'mvca';
const INITDB_MS = 120_000;

/** How one starts a server: the caller opens `folder` and hands it over as descriptor 3. */
export interface PostgresCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly account: Account | null;
}

/** Makes the data folder where there is none (about a second), and answers how to start the server on it. */
export async function preparePostgres(
  folder: string,
  binaries: PostgresBinaries,
  account: Account | null,
): Promise<PostgresCommand> {
  for (const place of [folder, path.join(folder, 'socket')]) {
    await mkdir(place, { recursive: true, mode: 0o700 });
    if (account !== null) await chown(place, account.uid, account.gid);
  }
  await takeOver(folder, account);
  const version = await readFile(path.join(folder, 'data', 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null)
    await initialise({ program: path.join(binaries.native, 'bin', 'initdb'), args: [], folder, account });
  else if (Number.parseInt(version, 10) !== binaries.major) {
    throw new EngineRefusal(
      `the data in ${folder}/data is of PostgreSQL ${version.trim()}, and the installed one is ${binaries.version}: ` +
        `use the mvca that made it, or dump it there and load it into a new MVCA_HOME; nothing was touched`,
    );
  }
  const settings = {
    listen_addresses: '',
    unix_socket_directories: `${GIVEN}/socket`,
    unix_socket_permissions: '0700',
    port: String(PORT),
    max_connections: '60',
    shared_buffers: '32MB',
    fsync: 'on',
    log_checkpoints: 'off',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    program: path.join(binaries.native, 'bin', 'postgres'),
    args: ['-D', POSTGRES_DATA, ...args],
    folder,
    account,
  };
}

/** Opens the folder that the server is to have as descriptor 3. */
export const openFolder = (folder: string) => open(folder, constants.O_RDONLY | constants.O_DIRECTORY);

/**
 * Where clients connect: through a short link in the runtime folder where the socket's own path is too long.
 * The link is made again each time, since temporary folders are swept.
 */
export async function databaseAddress(folder: string): Promise<DatabaseAddress> {
  const socket = path.join(folder, 'socket');
  const address = { port: PORT, user: USER, database: DATABASE };
  if (fitsSocket(path.join(socket, `.s.PGSQL.${PORT}`))) return { host: socket, ...address };
  const link = path.join(await runtimeFolder(), shortName(socket));
  await symlink(socket, link).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return { host: link, ...address };
}

export const homeDatabase = (home: Home): Promise<DatabaseAddress> => databaseAddress(postgresFolder(home));

/** Whether it takes connections; makes our database the first time. Never throws. */
export async function servesDatabase(address: DatabaseAddress): Promise<boolean> {
  const client = new Client({ ...address, database: 'postgres', connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a server that goes away between two questions answers the next one
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [address.database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(address.database)}`);
    return true;
  } catch {
    return false; // not yet, or not any more
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What an earlier version had under an account of the machine's. Nothing of it runs now. */
async function takeOver(folder: string, account: Account | null): Promise<void> {
  const data = path.join(folder, 'data');
  const isThere = await stat(data).catch(ifMissing(null));
  if (account !== null && isThere !== null) await giveTo(account, data);
}

/** Into `data.new` first: a folder `data` is always whole. */
async function initialise(command: PostgresCommand): Promise<void> {
  const fresh = path.join(command.folder, 'data.new');
  await rm(fresh, { recursive: true, force: true });
  const kind = ['--username', USER, '--encoding', 'UTF8', '--locale', 'C', '--data-checksums'];
  const access = ['--auth-local', 'trust', '--auth-host', 'reject'];
  await run({ ...command, args: ['-D', `${GIVEN}/data.new`, ...kind, ...access] });
  await rename(fresh, path.join(command.folder, 'data'));
  await syncFolder(command.folder);
}

async function run({ program, args, folder, account }: PostgresCommand): Promise<void> {
  const handle = await openFolder(folder);
  try {
    const said: string[] = [];
    const isNameless = account?.passwd != null;
    const argv = isNameless ? named(account, account.passwd, [program, ...args]) : [program, ...args];
    const child = spawn(argv[0] ?? program, argv.slice(1), {
      ...(account === null || isNameless ? {} : { uid: account.uid, gid: account.gid }),
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe', handle.fd],
      timeout: INITDB_MS,
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const end = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started (${error.message})`));
      child.once('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`));
    });
    if (end === '') return;
    throw new Error(`${program} ${end}: ${said.join('').trim().split('\n').slice(-8).join('\n')}`);
  } finally {
    await handle.close();
  }
}

/**
 * Takes away what a killed server left behind. Call it only when no postmaster of this folder lives: the kernel was asked, so a pid
 * file that names a living process names one that has nothing to do with it.
 */
export async function clearRemains(folder: string): Promise<void> {
  for (const name of ['data/postmaster.pid', 'socket/.s.PGSQL.5432', 'socket/.s.PGSQL.5432.lock']) {
    const file = path.join(folder, name);
    if ((await stat(file).catch(() => null)) !== null) await rm(file, { force: true });
  }
}

import { Client as TemporalClient } from '@temporalio/client';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { connectTemporal } from '../../client/temporal-connection';
import { connectionTo, doctor, down, engineState, PARTS, up } from '../../embedded';
import type { Engine, PartName } from '../../embedded';
import { processesOf } from '../../embedded/processes';
import { stopSupervisor } from '../../embedded/state';
import { homeAt } from '../../system/home';
import type { Home } from '../../system/home';
import { readJson } from '../../system/durable-file';
import { isAlive } from '../../system/process-identity';

const fixture = (name: string) => path.join(__dirname, '..', 'fixtures', 'embedded', name);
const SECRET = 'planted-value-4711';
const environment = { ...process.env, PLANTED: SECRET };
const workerMain = fixture('worker.js');
jest.setTimeout(360_000);

let scratch: string;
let home: Home;
let said: string[] = [];
const log = (line: string) => void said.push(line);
const start = () => up(home, { log, workerMain, environment });

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mvca-engine-'));
  home = homeAt(path.join(scratch, 'home'));
});
beforeEach(() => {
  said = [];
});
afterAll(async () => {
  await down(home, { all: true, log });
  await rm(scratch, { recursive: true, force: true });
});

async function query(engine: Engine, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(engine.database);
  await client.connect();
  return client
    .query<Record<string, unknown>>(text)
    .finally(() => client.end())
    .then(({ rows }) => rows);
}

async function temporal<T>(engine: Engine, work: (client: TemporalClient) => Promise<T>): Promise<T> {
  const connection = await connectTemporal(await connectionTo(engine.temporal));
  return work(new TemporalClient({ connection })).finally(() => connection.close());
}

async function pids(): Promise<Record<PartName | 'supervisor', number>> {
  const found = await processesOf(home);
  const one = (name: PartName | 'supervisor') => {
    expect(found[name]).toHaveLength(1);
    return found[name][0]?.pid as number;
  };
  return { temporal: one('temporal'), postgres: one('postgres'), worker: one('worker'), supervisor: one('supervisor') };
}

async function untilRunning(changed: (state: NonNullable<Awaited<ReturnType<typeof engineState>>>) => boolean) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    const state = await engineState(home);
    if (state !== null && changed(state) && PARTS.every((name) => state.parts[name].state === 'running')) return state;
  }
  throw new Error(`not everything runs again: ${JSON.stringify(await engineState(home))}`);
}

test('two `up` at once are one', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  expect(two).toEqual(one);
  await pids();
  expect(said.filter((line) => line === 'the worker is ready')).toHaveLength(1);
  expect(await readJson(path.join(home.engine, 'seen.json'))).toEqual({
    address: one.temporal.address,
    namespace: 'default',
    database: one.database,
    tls: 'with a key',
  });
});

test('state and ports are kept over down and up', async () => {
  const before = await start();
  await query(before, 'create table kept (n int)');
  await query(before, 'insert into kept values (7)');
  await temporal(before, (client) => client.workflow.start('waits', { workflowId: 'w-1', taskQueue: 'nobody-polls' }));
  expect(await down(home, { all: false, log })).toEqual({ engine: true, units: [], left: [] });
  expect(Object.values(await processesOf(home)).flat()).toEqual([]);
  expect(await engineState(home)).toBeNull();
  const after = await start();
  expect(after).toEqual(before);
  expect(await query(after, 'select n from kept')).toEqual([{ n: 7 }]);
  const status = await temporal(after, (client) => client.workflow.getHandle('w-1').describe());
  expect(status.status.name).toBe('RUNNING');
});

test.each(PARTS)('%s killed with SIGKILL is started again, and nothing else is', async (name) => {
  const engine = await start();
  const before = await pids();
  const restarts = (await engineState(home))?.parts[name].restarts ?? 0;
  process.kill(before[name], 'SIGKILL');
  await untilRunning((state) => state.parts[name].restarts > restarts);
  const after = await pids();
  expect(after[name]).not.toBe(before[name]);
  expect({ ...after, [name]: 0 }).toEqual({ ...before, [name]: 0 });
  expect(await start()).toEqual(engine);
  expect(await query(engine, 'select n from kept')).toEqual([{ n: 7 }]);
});

test('a supervisor killed with SIGKILL leaves all running; the next one goes on with them and replaces the worker', async () => {
  const engine = await start();
  const before = await pids();
  process.kill(before.supervisor, 'SIGKILL');
  while ((await engineState(home).catch(() => null)) !== null) await sleep(20);
  expect(await query(engine, 'select n from kept')).toEqual([{ n: 7 }]);
  expect((await doctor(home)).filter(({ what }) => what === 'leftovers')[0]?.level).toBe('warning');
  expect(await start()).toEqual(engine);
  const after = await pids();
  expect(after.temporal).toBe(before.temporal);
  expect(after.postgres).toBe(before.postgres);
  expect(after.worker).not.toBe(before.worker);
  expect(await readFile(path.join(home.engine, 'terms'), 'utf8')).toContain(String(before.worker));
});

test('another build takes over Temporal and PostgreSQL as they run, and brings its own worker', async () => {
  const engine = await start();
  const before = await pids();
  await stopSupervisor(home, ['temporal', 'postgres']);
  expect(await query(engine, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(await start()).toEqual(engine);
  const after = await pids();
  expect([after.temporal, after.postgres]).toEqual([before.temporal, before.postgres]);
  expect(after.worker).not.toBe(before.worker);
});

test('a supervisor ignores that its terminal closes', async () => {
  await start();
  const { supervisor } = await pids();
  process.kill(supervisor, 'SIGHUP');
  await sleep(200);
  expect((await engineState(home))?.pid).toBe(supervisor);
});

test('parts that a killed supervisor left behind are stopped by `down`', async () => {
  await start();
  process.kill((await pids()).supervisor, 'SIGKILL');
  expect((await down(home, { all: false, log })).engine).toBe(true);
  expect(Object.values(await processesOf(home)).flat()).toEqual([]);
});

test('all killed with SIGKILL at once come back with what was committed', async () => {
  const engine = await start();
  const before = await processesOf(home);
  for (const { pid } of Object.values(before).flat()) process.kill(pid, 'SIGKILL');
  while (Object.values(before).flat().some(isAlive)) await sleep(20);
  expect(await start()).toEqual(engine);
  expect(await query(engine, 'select n from kept')).toEqual([{ n: 7 }]);
  const status = await temporal(engine, (client) => client.workflow.getHandle('w-1').describe());
  expect(status.status.name).toBe('RUNNING');
});

test('a port that was taken meanwhile is changed, and that is said', async () => {
  const before = await start();
  await down(home, { all: false, log });
  const port = Number(before.temporal.address.split(':')[1]);
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const after = await start();
  expect(after.temporal.address).not.toBe(before.temporal.address);
  expect(said.join('\n')).toContain(`port ${port} of Temporal is taken by something else`);
  expect(await readJson(path.join(home.engine, 'seen.json'))).toMatchObject({ address: after.temporal.address });
  await new Promise((resolve) => other.close(resolve));
});

test('the variables of the caller reach the worker, and neither `ps` nor the disk shows them', async () => {
  await start();
  expect(await readJson(path.join(home.engine, 'planted.json'))).toEqual({ length: SECRET.length });
  await untilRunning(() => existsSync(path.join(home.engine, 'thread.json')));
  expect(await readJson(path.join(home.engine, 'thread.json'))).toEqual({ length: SECRET.length });
  for (const { pid } of Object.values(await processesOf(home)).flat()) {
    for (const file of ['environ', 'cmdline']) {
      expect(await readFile(`/proc/${pid}/${file}`, 'latin1')).not.toContain(SECRET);
    }
  }
  const files = await readdir(home.root, { recursive: true, withFileTypes: true });
  for (const entry of files.filter((candidate) => candidate.isFile())) {
    // A server's temporary file may be gone by now.
    const content = await readFile(path.join(entry.parentPath, entry.name), 'latin1').catch(() => '');
    expect(content).not.toContain(SECRET);
  }
});

test('nothing of the home can be read by others', async () => {
  await start();
  for (const folder of [home.root, home.engine, path.join(home.engine, 'logs'), path.join(home.engine, 'postgres')]) {
    expect((await stat(folder)).mode & 0o077).toBe(0);
  }
});

test('the doctor finds nothing wrong with a running engine', async () => {
  await start();
  const findings = await doctor(home);
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  expect(findings.filter(({ what }) => what === 'engine').map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
});

test('a worker that cannot start is an error with its last words, and what was started is stopped again', async () => {
  const other = homeAt(path.join(scratch, 'other'));
  const starting = up(other, { log, workerMain: fixture('failing-worker.js') });
  await expect(starting).rejects.toThrow(
    /the worker does not come up: ended with code 1[\s\S]*the database refused the connection/,
  );
  expect(Object.values(await processesOf(other)).flat()).toEqual([]);
  await expect(up(other, { log, workerMain: '/nowhere/worker.js' })).rejects.toThrow(
    /\/nowhere\/worker.js is not there/,
  );
});

test('`down` of a home that never was started does nothing', async () => {
  expect(await down(homeAt(path.join(scratch, 'never')), { all: true, log })).toEqual({
    engine: false,
    units: [],
    left: [],
  });
  await expect(stat(path.join(scratch, 'never'))).rejects.toThrow(/ENOENT/);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot('an ordinary user without a home folder and without a writable cache can start it', async () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-nobody-'));
  await chown(folder, nobody.uid, nobody.gid);
  const run = (verb: 'up' | 'down') =>
    promisify(execFile)(process.execPath, [fixture('run-up.js'), verb, path.join(folder, 'home'), workerMain], {
      ...nobody,
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', ...pipVariables() },
    });
  try {
    const engine = JSON.parse((await run('up')).stdout) as Engine;
    expect(await query(engine, 'select 1 as one')).toEqual([{ one: 1 }]);
    const { postgres } = await processesOf(homeAt(path.join(folder, 'home')));
    expect((await stat(`/proc/${postgres[0]?.pid}`)).uid).toBe(nobody.uid);
  } finally {
    await run('down');
    await rm(folder, { recursive: true, force: true });
  }
});

const pipVariables = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => /^PIP_|_CA_BUNDLE$|^SSL_/.test(name)));

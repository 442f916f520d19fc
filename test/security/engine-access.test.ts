import { chmod, chown, copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { readConfig } from '../../client/config';
import { clusterWarning, connect } from '../../client/connection';
import { connectTemporal } from '../../client/temporal-connection';
import { connectionTo, doctor, down, engineState, up } from '../../embedded';
import type { Engine } from '../../embedded';
import { processesOf } from '../../embedded/processes';
import { findTemporalCli } from '../../embedded/temporal-cli';
import { homeAt } from '../../system/home';
import { listeningPorts } from '../../system/listening-ports';
import { isAlive } from '../../system/process-identity';
import { isRoot, NOBODY, runAs, STRANGER } from '../support/accounts';

const workerMain = path.join(__dirname, '..', 'fixtures', 'embedded', 'worker.js');
const WITHOUT_NAMESPACES = ['python3', path.join(__dirname, '..', 'fixtures', 'embedded', 'without-namespaces.py')];
jest.setTimeout(480_000);

let scratch: string;
let cli: string;
const open: { readonly account: number | null; readonly root: string }[] = [];
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mvca-access-'));
  await chmod(scratch, 0o755);
  cli = path.join(scratch, 'temporal');
  await copyFile((await findTemporalCli(homeAt(path.join(scratch, 'tools')), () => undefined)).path, cli);
  await chmod(cli, 0o755);
});
afterAll(async () => {
  for (const { account, root } of open) await runAs(account, 'run-up.js', ['down', root, workerMain]);
  await rm(scratch, { recursive: true, force: true });
});

/** An engine of that account's, with a workflow that waits for an approval. */
async function engineOf(account: number | null): Promise<Engine> {
  const folder = await mkdtemp(path.join(scratch, 'of-'));
  if (account !== null) await chown(folder, account, account);
  const root = path.join(folder, 'home');
  open.push({ account, root });
  return runAs<Engine>(account, 'run-up.js', ['up', root, workerMain], { TEMPORAL_CLI_PATH: cli });
}

async function within<T>(engine: Engine, work: (client: Client) => Promise<T>): Promise<T> {
  // As root the keys of another account's home may be read; the check of their owner is for who runs the engine.
  const tls = {
    serverNameOverride: 'localhost',
    serverRootCACertificate: await readFile(engine.temporal.keys.authority),
    clientCertPair: {
      crt: await readFile(engine.temporal.keys.certificate),
      key: await readFile(engine.temporal.keys.key),
    },
  };
  const connection = await connectTemporal({ address: engine.temporal.address, tls });
  return work(new Client({ connection })).finally(() => connection.close());
}

/** Ports of the whole stack that are open on the machine. */
async function portsOf(engine: Engine): Promise<readonly number[]> {
  const { gate, temporal, worker, postgres, supervisor } = await processesOf(engine.home);
  const leaders = [...gate, ...temporal, ...worker, ...postgres, ...supervisor];
  return [...new Set((await Promise.all(leaders.map(({ pid }) => listeningPorts(pid)))).flat())];
}

const attackers: readonly (readonly [string, number | null, number | null])[] = isRoot
  ? [
      ["root's engine, from nobody", null, NOBODY],
      ["nobody's engine, from another account", NOBODY, STRANGER],
    ]
  : [['this account, without its keys', null, null]];

describe.each(attackers)('%s:', (_title, owner, stranger) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await engineOf(owner);
    await within(engine, (client) =>
      client.workflow.start('waits', { workflowId: 'deploy/shop', taskQueue: 'control' }),
    );
  });

  test('who has no key reads no history, signals nothing, starts nothing and is given no work', async () => {
    const keys = path.dirname(engine.temporal.keys.key);
    // What the namespace of the server has inside are ports there, and nothing on the machine.
    const ports = [...new Set([...(await portsOf(engine)), 7233, 8233])].map(String);
    const told = await runAs<Record<string, string>>(stranger, 'stranger.js', [
      engine.temporal.address,
      keys,
      ...ports,
    ]);
    const through = Object.entries(told).filter(
      ([name, outcome]) => outcome === 'done' && !(stranger === null && name === 'reads the keys'),
    );
    expect(through).toEqual([]);
    expect(Object.keys(told).length).toBeGreaterThan(15);
    const { status, historyLength } = await within(engine, (client) =>
      client.workflow.getHandle('deploy/shop').describe(),
    );
    expect({ status: status.name, historyLength }).toEqual({ status: 'RUNNING', historyLength: 2 });
    await expect(within(engine, (client) => client.workflow.getHandle('mine').describe())).rejects.toThrow(
      /not found/i,
    );
  });

  test('two ports of the machine are open, of the gate, and both are its own', async () => {
    const [gate] = (await processesOf(engine.home)).gate;
    const ui = Number(new URL(engine.temporal.uiUrl).port);
    const grpc = Number(engine.temporal.address.split(':')[1]);
    const [server] = (await processesOf(engine.home)).temporal;
    const spaces = await Promise.all(
      [gate?.pid, server?.pid, process.pid].map(async (pid) => (await stat(`/proc/${pid}/ns/net`)).ino),
    );
    expect(spaces[0]).toBe(spaces[1]);
    expect(spaces[1]).not.toBe(spaces[2]);
    const listening = await hostListeners();
    expect([grpc, ui].map((port) => listening.includes(port))).toEqual([true, true]);
  });

  test('hundreds of connections that say nothing, or nonsense, keep nobody out', async () => {
    const [host = '', port = ''] = engine.temporal.address.split(':');
    const sockets = Array.from({ length: 600 }, (_, n) => {
      const socket = net.connect(Number(port), host);
      socket.on('error', () => undefined);
      if (n % 3 === 0) socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      if (n % 3 === 1) socket.write(Buffer.alloc(64, n));
      return socket;
    });
    const described = await within(engine, (client) => client.workflow.getHandle('deploy/shop').describe());
    expect(described.status.name).toBe('RUNNING');
    for (const socket of sockets) socket.destroy();
  });
});

/** Ports that any account sees as open (state 0A in /proc/net/tcp). */
async function hostListeners(): Promise<readonly number[]> {
  const rows = (await readFile('/proc/net/tcp', 'latin1')).split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter((row) => row[3] === '0A').map((row) => parseInt(row[1]?.split(':')[1] ?? '0', 16));
}

describe('a Temporal by address:', () => {
  const NAMES = [
    'TEMPORAL_ADDRESS',
    'TEMPORAL_TLS',
    ...['CLIENT_CERT', 'CLIENT_KEY', 'SERVER_CA_CERT'].map((name) => `TEMPORAL_TLS_${name}_PATH`),
  ];
  const set = (values: readonly (string | undefined)[]): void => {
    for (const [n, name] of NAMES.entries()) {
      const value = values[n];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  afterEach(() => set([]));

  test('mutual TLS comes from its profile, and who has no key is not let in', async () => {
    const home = homeAt(path.join(scratch, 'by-address'));
    const { temporal } = await up(home, { log: () => undefined, workerMain });
    open.push({ account: null, root: home.root });
    set([temporal.address, undefined, temporal.keys.certificate, temporal.keys.key, temporal.keys.authority]);
    const connection = await connect({ config: readConfig() });
    expect([connection.kind, connection.address]).toEqual(['cluster', temporal.address]);
    await connection.client.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
    expect(clusterWarning()).toBeNull();
    set([temporal.address, undefined, undefined, undefined, temporal.keys.authority]);
    await expect(connect({ config: readConfig() })).rejects.toThrow(/cannot be reached/);
    set([temporal.address]);
    await expect(connect({ config: readConfig() })).rejects.toThrow(/cannot be reached/);
  });

  test('a connection that is neither encrypted nor authenticated is said, unless it was asked for', () => {
    set(['temporal.example.com:7233']);
    expect(clusterWarning()).toMatch(/temporal\.example\.com:7233 is neither encrypted nor authenticated/);
    set(['temporal.example.com:7233', 'false']);
    expect(clusterWarning()).toBeNull();
  });
});

test('keys that others may read are refused, by who connects and by the doctor', async () => {
  const home = homeAt(path.join(scratch, 'open-keys'));
  const log = () => undefined;
  const engine = await up(home, { log, workerMain });
  try {
    await chmod(engine.temporal.keys.key, 0o644);
    await expect(connectionTo(engine.temporal)).rejects.toThrow(
      /client\.key may be read or changed by others \(mode 644.*mvca up/,
    );
    expect((await doctor(home)).filter(({ what }) => what === 'access')[0]?.level).toBe('error');
  } finally {
    await down(home, { all: true, log });
  }
  await expect(up(home, { log, workerMain })).rejects.toThrow(/client\.key may be read/);
});

test('the gate killed with SIGKILL takes its server with it, and both are started again', async () => {
  const home = homeAt(path.join(scratch, 'killed'));
  const log = () => undefined;
  const engine = await up(home, { log, workerMain });
  try {
    const before = await processesOf(home);
    process.kill(before.gate[0]?.pid ?? 0, 'SIGKILL');
    while ([...before.gate, ...before.temporal].some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
    while ((await engineState(home))?.parts.temporal.restarts === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await up(home, { log, workerMain })).toEqual(engine);
    const after = await processesOf(home);
    expect([after.gate.length, after.temporal.length, after.worker[0]?.pid]).toEqual([1, 1, before.worker[0]?.pid]);
  } finally {
    await down(home, { all: true, log });
  }
});

test('where no namespace can be had, the engine starts only for who says that nobody else is there, and that is said', async () => {
  const home = homeAt(path.join(scratch, 'no-namespace'));
  open.push({ account: null, root: home.root });
  const start = (env: Record<string, string>) =>
    runAs<Engine>(
      null,
      'run-up.js',
      ['up', home.root, workerMain],
      { TEMPORAL_CLI_PATH: cli, ...env },
      WITHOUT_NAMESPACES,
    );
  await expect(start({})).rejects.toThrow(
    /no network namespace.*every account of it can command Temporal.*MVCA_ALONE_ON_THIS_MACHINE=yes/s,
  );
  expect(Object.values(await processesOf(home)).flat()).toEqual([]);
  const engine = await start({ MVCA_ALONE_ON_THIS_MACHINE: 'yes' });
  await within(engine, (client) => client.workflowService.describeNamespace({ namespace: 'default' }));
  expect((await engineState(home))?.notes.join()).toContain('Temporal is open to every account of this machine');
  expect((await doctor(home)).find(({ what }) => what === 'access')?.level).toBe('warning');
  // Pages look for servers on 127.0.0.1 and localhost.
  const listening = await portsOf(engine);
  const told = await runAs<Record<string, string>>(null, 'stranger.js', [
    engine.temporal.address,
    '/nowhere',
    ...listening.map(String),
  ]);
  expect(Object.entries(told).filter(([, outcome]) => outcome === 'done')).toEqual([]);
});

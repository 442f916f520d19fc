/** The router as a process of its own: killed, started again, ended in order, alone with its table. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import type { RouterState, RouterTable } from '../../../domain/host/router';
import { askAdmin } from '../../../system/admin';
import { writeJson } from '../../../system/durable-file';
import { adminSocket } from '../../../system/home';
import { programFile } from '../../../system/keeper';
import { freePort } from '../../support/ports';
import { emptyTable, fetchFrom, poll, rawClient, scratchFolder, startBackend, type Backend } from './routed';

const MAIN = programFile('host/router/main.js');

let directory: string;
let port: number;
let children: ChildProcess[];
let old: Backend;
let fresh: Backend;
let hold: (() => void) | undefined;

beforeEach(async () => {
  directory = await scratchFolder();
  port = await freePort();
  children = [];
  hold = undefined;
  old = await startBackend((request, response) => {
    if (request.url === '/slow') hold = () => response.end('slow');
    else response.end('old');
  });
  fresh = await startBackend((_, response) => response.end('new'));
  await writeJson(path.join(directory, 'table.json'), tableOf());
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? (await ended(child))));
  await Promise.all([old.close(), fresh.close()]);
  await rm(directory, { recursive: true, force: true });
});

const tableOf = (changes: Partial<RouterTable> = {}): RouterTable =>
  emptyTable({
    listen: { host: '127.0.0.1', port },
    releases: { old: { instances: [old.address] }, new: { instances: [fresh.address] } },
    weights: { old: 100, new: 0 },
    settings: { slowMs: 1_000, drainMs: 2_000 },
    ...changes,
  });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

function launch(): ChildProcess & { text: () => string } {
  let text = '';
  const child = spawn(process.execPath, [MAIN, directory], {
    argv0: 'mvca-router',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  children.push(child);
  return Object.assign(child, { text: () => text });
}

async function start(): Promise<ReturnType<typeof launch>> {
  const child = launch();
  await poll('it answers', async () => (await state().catch(() => null))?.pid === child.pid);
  return child;
}

const state = async (): Promise<RouterState> => askAdmin(await adminSocket(directory), 'GET', '/state');
const put = async (place: string, body: unknown): Promise<RouterState> =>
  askAdmin(await adminSocket(directory), 'PUT', place, { body });
const who = async (): Promise<string> => (await fetchFrom(port)).body;

test('it is seen by its name, says who it is, and lets only its user speak to it', async () => {
  const child = await start();
  expect(await readFile(`/proc/${child.pid}/comm`, 'utf8')).toBe('mvca-router\n');
  expect(await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).toMatch(/^mvca-router\0/);
  expect(JSON.parse(await readFile(path.join(directory, 'unit.pid'), 'utf8'))).toMatchObject({ pid: child.pid });
  const socket = (await readdir(directory, { withFileTypes: true })).find((entry) => entry.isSocket());
  expect(socket?.name).toBe('admin.sock');
  const { mode } = await import('node:fs').then(({ statSync }) => statSync(path.join(directory, 'admin.sock')));
  expect(mode & 0o777).toBe(0o600);
  expect(await who()).toBe('old');
});

test('killed and started again it serves by the same table, counting anew', async () => {
  const first = await start();
  await put('/weights', { weights: { new: 100 }, lease: null });
  expect(await who()).toBe('new');
  const { epoch } = await state();
  first.kill('SIGKILL');
  await ended(first);
  await start();
  expect(await who()).toBe('new');
  expect((await state()).epoch).not.toBe(epoch);
  expect((await state()).figures['new']?.requests).toBe(1);
});

test('whenever it is killed, the table on disk is one that was asked for, and none that was answered is lost', async () => {
  let answered = 0;
  let asked = 0;
  for (let round = 0; round < 8; round += 1) {
    const child = await start();
    expect((await state()).table.settings.slowMs - 1_000).toBeGreaterThanOrEqual(answered);
    const last = answered + 2 + round;
    for (;;) {
      const wish = (asked = Math.max(asked, answered) + 1);
      // While that one is read, written or answered: sooner each round.
      if (wish === last) setTimeout(() => child.kill('SIGKILL'), 8 - round);
      const got = await put('/settings', { slowMs: 1_000 + wish, drainMs: 2_000 }).catch(() => null);
      if (got === null) break;
      answered = wish;
    }
    if (child.exitCode === null && child.signalCode === null) await ended(child);
    const { settings } = JSON.parse(await readFile(path.join(directory, 'table.json'), 'utf8')) as RouterTable;
    expect(settings.slowMs - 1_000).toBeGreaterThanOrEqual(answered);
    expect(settings.slowMs - 1_000).toBeLessThanOrEqual(asked);
  }
  expect(answered).toBeGreaterThan(10);
});

test('a lease that ran out while it was dead is honoured when it starts', async () => {
  const first = await start();
  const lease = { holder: 'h', seconds: 0.3, fallback: { old: 100 } };
  await put('/weights', { weights: { new: 100 }, lease });
  first.kill('SIGKILL');
  await ended(first);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await start();
  expect(await who()).toBe('old');
  expect((await state()).table).toMatchObject({ lease: null, expired: { holder: 'h' } });
});

test('ended in order it lets what is in flight finish and takes nothing more', async () => {
  const child = await start();
  const slow = fetchFrom(port, { path: '/slow' });
  await poll('it is in flight', () => hold !== undefined);
  const idle = await rawClient(port);
  child.kill('SIGTERM');
  await poll('it takes no more', () =>
    fetchFrom(port).then(
      () => false,
      () => true,
    ),
  );
  hold?.();
  expect((await slow).body).toBe('slow');
  expect(await ended(child)).toBe(0);
  await idle.ended;
  expect((await readdir(directory)).filter((name) => name !== 'admin.sock')).toEqual(['hours.json', 'table.json']);
});

test('what does not finish within the drain limit does not hold up its end', async () => {
  await writeJson(path.join(directory, 'table.json'), tableOf({ settings: { slowMs: 1_000, drainMs: 100 } }));
  const child = await start();
  const slow = fetchFrom(port, { path: '/slow' });
  await poll('it is in flight', () => hold !== undefined);
  child.kill('SIGTERM');
  expect((await slow).status).toBe(503);
  expect(await ended(child)).toBe(0);
});

test('a second router on the same table ends at once', async () => {
  const first = await start();
  const second = launch();
  expect(await ended(second)).toBe(0);
  expect((await state()).pid).toBe(first.pid);
});

test('while its port is taken it says so, tries again, and serves once it is free', async () => {
  const other = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const child = await start();
  expect((await state()).listening).toBe(false);
  expect(child.text()).toMatch(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  await new Promise((resolve) => other.close(resolve));
  await poll('it listens', async () => (await state()).listening);
  expect(await who()).toBe('old');
});

test('without a table, or with one that it cannot read, it ends and says why', async () => {
  await writeJson(path.join(directory, 'table.json'), { ...tableOf(), format: 2 });
  const newer = launch();
  expect(await ended(newer)).toBe(1);
  expect(newer.text()).toMatch(/has format 2, this version reads 1; install the version that wrote it/);
  await rm(path.join(directory, 'table.json'));
  const none = launch();
  expect(await ended(none)).toBe(1);
  expect(none.text()).toMatch(/there is no .*table\.json/);
});

test('connections that break in every way leave it serving', async () => {
  const child = await start();
  for (let i = 0; i < 100; i += 1) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    socket.on('connect', () => {
      socket.write(
        ['GET / HT', 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n', '\0\0\0', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'][i % 4] ??
          '',
      );
      // Who only ends may still read the slow answer: that one is gone when it is reset, which is seen once its request was read.
      setTimeout(() => (i % 4 === 1 || i % 4 === 2 ? socket.resetAndDestroy() : socket.destroy()), 500 + (i % 7));
    });
  }
  await poll('they are gone', async () => {
    const { figures } = await state();
    return (figures['old']?.requests ?? 0) >= 20 && figures['old']?.inFlight === 0;
  });
  const agent = new http.Agent({ keepAlive: true });
  for (let i = 0; i < 50; i += 1) expect((await fetchFrom(port, { agent })).status).toBe(200);
  agent.destroy();
  expect(child.text()).toBe('');
});

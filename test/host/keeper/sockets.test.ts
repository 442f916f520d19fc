/** A router's socket outlives the router: whoever connects while it is away waits, and nobody is refused. */
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenRefusals } from '../../../activities/release/listen-refusals';
import { createRouterTraffic } from '../../../activities/traffic/router';
import type { Route } from '../../../activities/traffic/port';
import { startCounting, type CountingClient } from '../../../scripts/counting-client';
import { adminSocket, routerFolder } from '../../../system/home';
import { keeperPidFile, livingProcess } from '../../../system/keeper';
import { isLocked } from '../../../system/lock';
import { isAlive, signal, type ProcessIdentity } from '../../../system/process-identity';
import { removeUnit, socketLock, unitPidFile } from '../../../system/units';
import { freePort } from '../../support/ports';
import { recordInstance } from '../../support/recorded-instance';
import { makePlace, until, type Place } from '../place';
import { fetchFrom, startBackend, type Backend } from '../router/routed';

const NAME = 'router.shop.production';
const PER_SECOND = 100;
/** Sent while the kernel was killing. */
const JUST_SENT = 3;
/** Share of a restart that it takes a keeper without the socket to open one. */
const MOMENT = 0.5;

let place: Place;
let route: Route;
let backend: Backend;
let client: CountingClient | undefined;

beforeEach(async () => {
  place = await makePlace();
  const listen = { host: '127.0.0.1', port: await freePort() };
  route = { app: 'shop', environment: 'production', listen, slowMs: 1_000, drainMs: 200 };
  backend = await startBackend((_, response) => response.end('served'));
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
  await backend.close();
  await place.remove();
});

const folder = () => routerFolder(place.home, 'shop', 'production');
const router = () => livingProcess(unitPidFile(folder())) as ProcessIdentity;
const keeper = () => livingProcess(keeperPidFile(place.home)) as ProcessIdentity;
const isHeld = () => isLocked(socketLock(folder()));
const serves = async () => (await fetchFrom(route.listen.port)).body === 'served';
/** A connection each, so that every one needs somebody who listens. */
const startClient = () =>
  startCounting({
    url: `http://127.0.0.1:${route.listen.port}`,
    perSecond: PER_SECOND,
    mix: [{ method: 'GET', path: '/', headers: { connection: 'close' }, share: 1 }],
  });

async function serve(): Promise<void> {
  const traffic = createRouterTraffic(place.home);
  await recordInstance(place.home, 'old', backend.address.port);
  await traffic.ensure(route);
  await traffic.setWeights(route, { releases: { old: [backend.address] }, weights: { old: 100 }, lease: null });
}

interface Killed {
  /** Requests that were under way, or were sent by a client that had not had its turn to hear of it yet. */
  readonly lost: number;
  /** Until another router served, in milliseconds. */
  readonly awayMs: number;
}

async function killRouter(): Promise<Killed> {
  const before = router();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const inFlight = client?.snapshot().inFlight ?? 0;
  signal(before, 'SIGKILL');
  const killedAt = performance.now();
  await until('another router serves', async () => router()?.pid !== before.pid && (await serves()));
  const awayMs = performance.now() - killedAt;
  delay.disable();
  const sentUnheard = Math.floor((delay.max / 1e9) * PER_SECOND);
  return { lost: inFlight + JUST_SENT + sentUnheard, awayMs };
}

async function killKeeper(): Promise<void> {
  const before = keeper();
  signal(before, 'SIGKILL');
  await until(
    'another keeper lives',
    () => (livingProcess(keeperPidFile(place.home))?.pid ?? before.pid) !== before.pid,
  );
}

/** Whether the address can be listened on: nobody has it. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });

test('of a killed router only what was in flight fails, also for clients that connect while it is away', async () => {
  await serve();
  client = startClient();
  for (let round = 0; round < 3; round += 1) {
    await sleep(400);
    const { failures } = client.snapshot();
    const { lost } = await killRouter();
    await sleep(400);
    expect(client.snapshot().failures - failures).toBeLessThanOrEqual(lost);
  }
  const { failed, requests } = await client.stop();
  process.stderr.write(`a router killed three times: of ${requests} requests failed ${JSON.stringify(failed)}\n`);
  expect(failed).not.toHaveProperty('ECONNREFUSED');
});

test('a router that outlived its keeper is missed for a moment only, and its socket is held from then on', async () => {
  await serve();
  const first = router();
  await killKeeper();
  expect(await serves()).toBe(true);
  expect(router()).toEqual(first);
  await until('the keeper watches it', async () => connectionsTo(await adminSocket(folder())) > 0);
  client = startClient();
  await sleep(400);
  const unheld = await killRouter();
  await sleep(400);
  const { failures, failed, firstBadAt, lastBadAt } = client.snapshot();
  const away = `${Math.round(unheld.awayMs)} ms, failed within ${(lastBadAt ?? 0) - (firstBadAt ?? 0)} ms`;
  process.stderr.write(`a router killed after its keeper: away for ${away}: ${JSON.stringify(failed)}\n`);
  expect(failures).toBeLessThanOrEqual(unheld.lost + (unheld.awayMs / 1_000) * PER_SECOND * MOMENT);
  expect(isHeld()).toBe(true);
  const { lost } = await killRouter();
  expect((await client.stop()).failures - failures).toBeLessThanOrEqual(lost);
  await removeUnit(place.home, NAME);
  expect(await isFree(route.listen.port)).toBe(true);
});

test('a removed router leaves its address free, and so does one that got another', async () => {
  await serve();
  const before = route.listen.port;
  route = { ...route, listen: { ...route.listen, port: await freePort() } };
  await createRouterTraffic(place.home).ensure(route);
  expect([await serves(), await isFree(before)]).toEqual([true, true]);
  await killRouter();
  expect(await listenRefusals(place.home, route, false)).toEqual([]);
  const [lastRouter, lastKeeper] = [router(), keeper()];
  await removeUnit(place.home, NAME);
  expect([isAlive(lastRouter), isHeld(), await isFree(route.listen.port)]).toEqual([false, false, true]);
  await until('the keeper has ended', () => !isAlive(lastKeeper));
  await serve();
  expect(await serves()).toBe(true);
});

test('an address that another process has is told, taken over once it is free, and held after the next start', async () => {
  const other = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(route.listen.port, '127.0.0.1', resolve));
  await expect(createRouterTraffic(place.home).ensure(route)).rejects.toMatchObject({ type: 'TrafficRefused' });
  expect(isHeld()).toBe(false);
  await new Promise((resolve) => other.close(resolve));
  await serve();
  await killRouter();
  expect(isHeld()).toBe(true);
});

test('clients of a router that cannot start are refused, not kept waiting', async () => {
  await serve();
  const file = path.join(folder(), 'table.json');
  const table = await readFile(file, 'utf8');
  await writeFile(file, JSON.stringify({ ...(JSON.parse(table) as object), format: 2 }));
  signal(router(), 'SIGKILL');
  await until('its address is free', () => isFree(route.listen.port));
  await writeFile(file, table);
  await until('it serves again', serves);
  expect(isHeld()).toBe(true);
});

/** Connections that are open to a Unix socket on its server's side: proc(5), net/unix; state 3 is connected. */
function connectionsTo(socket: string): number {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines.filter((line) => line.endsWith(` ${socket}`) && / 0001 03 /.test(line)).length;
}

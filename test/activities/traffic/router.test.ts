import net from 'node:net';
import { createRouterTraffic } from '../../../activities/traffic/router';
import type { Route } from '../../../activities/traffic/port';
import { routerFolder } from '../../../system/home';
import { livingProcess } from '../../../system/keeper';
import { unitPidFile } from '../../../system/units';
import { makePlace, until, type Place } from '../../host/place';
import { recordInstance } from '../../support/recorded-instance';
import { fetchFrom, startBackend, type Backend } from '../../host/router/routed';
import { freePort } from '../../support/ports';

let place: Place;
let route: Route;
let old: Backend;
let fresh: Backend;

beforeEach(async () => {
  place = await makePlace();
  const listen = { host: '127.0.0.1', port: await freePort() };
  route = { app: 'shop', environment: 'production', listen, slowMs: 1_000, drainMs: 200 };
  old = await startBackend((_, response) => response.end('old'));
  fresh = await startBackend((_, response) => response.end('new'));
  await recordInstance(place.home, 'old', old.address.port);
  await recordInstance(place.home, 'new', fresh.address.port);
});
afterEach(async () => {
  await Promise.all([old.close(), fresh.close()]);
  await place.remove();
});

const pid = () => livingProcess(unitPidFile(routerFolder(place.home, 'shop', 'production')))?.pid ?? null;
const who = async () => (await fetchFrom(route.listen.port)).body;
const both = () => ({ old: [old.address], new: [fresh.address] });

test('a route is served by a router that outlives whoever asked for it and comes back when it is killed', async () => {
  const traffic = createRouterTraffic(place.home);
  expect(await traffic.read(route)).toBeNull();
  await Promise.all([traffic.ensure(route), createRouterTraffic(place.home).ensure(route)]);
  expect((await fetchFrom(route.listen.port)).status).toBe(503);
  await traffic.setWeights(route, { releases: both(), weights: { old: 100 }, lease: null });
  expect(await who()).toBe('old');
  const first = pid();
  process.kill(first ?? 0, 'SIGKILL');
  expect((await traffic.read(route))?.table.weights).toMatchObject({ old: 100 });
  await until('another one serves', async () => pid() !== first && (await who()) === 'old');
  await traffic.ensure(route);
});

test('weights, leases and their end pass through the port', async () => {
  const traffic = createRouterTraffic(place.home);
  await traffic.ensure(route);
  await traffic.setWeights(route, { releases: both(), weights: { old: 100 }, lease: null });
  const lease = { holder: 'h', seconds: 30, fallback: { old: 100 } };
  const state = await traffic.setWeights(route, { releases: {}, weights: { new: 100 }, lease });
  expect(state.table).toMatchObject({ weights: { new: 100, old: 0 }, lease: { holder: 'h' } });
  expect(await who()).toBe('new');
  expect(await traffic.lease(route, { kind: 'renew', holder: 'i', seconds: 30 })).toBe(false);
  expect(await traffic.lease(route, { kind: 'renew', holder: 'h', seconds: 30 })).toBe(true);
  await expect(traffic.forget(route, 'new')).rejects.toMatchObject({ type: 'TrafficRefused' });
  expect(await traffic.lease(route, { kind: 'prove', holder: 'h' })).toBe(true);
  expect(await traffic.lease(route, { kind: 'prove', holder: 'h' })).toBe(true);
  await traffic.forget(route, 'old');
  await traffic.forget(route, 'old');
  expect(Object.keys((await traffic.read(route))?.table.releases ?? {})).toEqual(['new']);
});

test('a lease that ran out is told', async () => {
  const traffic = createRouterTraffic(place.home);
  await traffic.ensure(route);
  await traffic.setWeights(route, { releases: both(), weights: { old: 100 }, lease: null });
  await traffic.setWeights(route, {
    releases: {},
    weights: { new: 100 },
    lease: { holder: 'h', seconds: 0.1, fallback: { old: 100 } },
  });
  await until('the traffic is back', async () => (await who()) === 'old');
  expect(await traffic.lease(route, { kind: 'renew', holder: 'h', seconds: 30 })).toBe(false);
  expect(await traffic.lease(route, { kind: 'prove', holder: 'h' })).toBe(false);
});

test('settings and address follow the spec; the table stays', async () => {
  const traffic = createRouterTraffic(place.home);
  await traffic.ensure(route);
  await traffic.setWeights(route, { releases: both(), weights: { old: 100 }, lease: null });
  route = { ...route, slowMs: 5, listen: { host: '127.0.0.1', port: await freePort() } };
  await traffic.ensure(route);
  expect((await traffic.read(route))?.table).toMatchObject({ listen: route.listen, settings: { slowMs: 5 } });
  expect(await who()).toBe('old');
});

test('an address that another process holds is refused in words', async () => {
  const other = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(route.listen.port, '127.0.0.1', resolve));
  const refused = createRouterTraffic(place.home).ensure(route);
  await expect(refused).rejects.toMatchObject({
    type: 'TrafficRefused',
    message: expect.stringContaining(`127.0.0.1:${route.listen.port} is taken by another process`) as string,
  });
  await new Promise((resolve) => other.close(resolve));
});

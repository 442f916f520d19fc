/** The lease: without renewal the router gives the traffic back by itself, whatever becomes of the clock, the disk or the process. */
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterTable } from '../../../domain/host/router';
import { LIMITS } from '../../../host/router/limits';
import { Router } from '../../../host/router/router';
import { leaseLeftMs } from '../../../host/router/table-store';
import { emptyTable, fetchFrom, poll, serve, startRouted, type Routed } from './routed';

let routed: Routed;

beforeEach(async () => {
  routed = await startRouted();
  const releases = { old: [(await listen('old')).address], new: [(await listen('new')).address] };
  await serve(routed, releases, { old: 100 });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await routed.close();
});

const listen = (name: string) => routed.backend((_, response) => response.end(name));
const shift = (seconds: number, holder = 'h') =>
  routed.ask('PUT', '/weights', { weights: { new: 100 }, lease: { holder, seconds, fallback: { old: 100 } } });
const who = async () => (await fetchFrom(routed.port)).body;
const saved = async (): Promise<RouterTable> =>
  JSON.parse(await readFile(path.join(routed.directory, 'table.json'), 'utf8')) as RouterTable;

test('the traffic goes back when nobody renews, is saved so, and the holder is told when it comes back', async () => {
  await shift(0.2);
  expect(await who()).toBe('new');
  await poll('the traffic is back', async () => (await who()) === 'old');
  const { table } = routed.router.state();
  expect(table).toMatchObject({
    lease: null,
    weights: { old: 100, new: 0 },
    expired: { holder: 'h', from: { new: 100 } },
  });
  await poll('it is saved', async () => (await saved()).expired?.holder === 'h');
  await expect(routed.ask('PUT', '/lease', { holder: 'h', seconds: 9 })).rejects.toThrow(
    /ran out at .*; the traffic went back/,
  );
  await expect(routed.ask('DELETE', '/lease?holder=h')).rejects.toThrow(/ran out/);
});

test('a renewed lease goes on', async () => {
  await shift(0.5);
  for (let i = 0; i < 8; i += 1) {
    await routed.ask('PUT', '/lease', { holder: 'h', seconds: 0.5 });
    await sleep(100);
  }
  expect(await who()).toBe('new');
});

describe('an engine that starts again and again', () => {
  const start = () => routed.ask('PUT', '/lease', { holder: 'h', seconds: 0.5, bridge: 'start' });

  test('prolongs a lease once, and the traffic goes back though it goes on asking', async () => {
    await shift(5);
    await start();
    await poll('the traffic is back', async () => {
      await expect(start()).rejects.toThrow(/prolonged over a start .* before|ran out/);
      return (await who()) === 'old';
    });
    expect(routed.router.state().table.expired).toMatchObject({ holder: 'h' });
  });

  test('may do so again when a watch renewed in between, and over a stop besides', async () => {
    await shift(60);
    await start();
    await routed.ask('PUT', '/lease', { holder: 'h', seconds: 60 });
    await routed.ask('PUT', '/lease', { holder: 'h', seconds: 60, bridge: 'stop' });
    await start();
    expect((await saved()).lease?.bridged).toEqual(['stop', 'start']);
    await expect(start()).rejects.toThrow(/^the lease of h was prolonged over a start of the engine before/);
  });

  test('is not told anew over a restart of the router', async () => {
    await shift(60);
    await start();
    const again = await Router.open(routed.directory, LIMITS);
    expect(again.state().table.lease?.bridged).toEqual(['start']);
    await again.close(0);
  });
});

test('a proven release keeps the traffic', async () => {
  await shift(0.3);
  await routed.ask('DELETE', '/lease?holder=h');
  await sleep(500);
  expect(await who()).toBe('new');
});

test('a holder whose first lease ran out and whose second release was proven may say so twice', async () => {
  await shift(0.1);
  await poll('it ran out', () => routed.router.state().table.expired !== null);
  await shift(60);
  await routed.ask('DELETE', '/lease?holder=h');
  expect((await routed.ask('DELETE', '/lease?holder=h')).table.expired).toBeNull();
});

test('a clock that is set forward does not end a lease, one that is set back does not prolong it', async () => {
  const real = Date.now.bind(Date);
  await shift(0.6);
  jest.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000);
  await sleep(100);
  expect(await who()).toBe('new');
  const { table, now } = routed.router.state();
  expect((table.lease?.until ?? 0) - now).toBeLessThan(600);
  jest.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000);
  await poll('the traffic is back', async () => (await who()) === 'old', 5_000);
});

test('after a restart a lease goes on for what was left of it, and never for longer than it was asked for', () => {
  const table = (until: number): RouterTable =>
    emptyTable({ lease: { holder: 'h', until, seconds: 15, fallback: {} } });
  expect(leaseLeftMs(table(10_000), 4_000)).toBe(6_000);
  expect(leaseLeftMs(table(10_000_000), 4_000)).toBe(15_000);
  expect(leaseLeftMs(table(10_000), 11_000)).toBeLessThan(0);
});

test('a lease that ran out while no router lived is honoured before the first request', async () => {
  const again = await startRouted(
    {},
    {
      releases: (await saved()).releases,
      weights: { old: 0, new: 100 },
      lease: { holder: 'h', until: Date.now() - 1, seconds: 15, fallback: { old: 100, new: 0 } },
    },
  );
  expect((await fetchFrom(again.port)).body).toBe('old');
  expect(again.router.state().table.expired?.holder).toBe('h');
  await again.close();
});

test('a lease goes on over a restart of the router', async () => {
  await shift(1);
  const again = await Router.open(routed.directory, LIMITS);
  expect(again.state().table.weights).toEqual({ old: 0, new: 100 });
  await poll('it ran out there too', () => again.state().table.weights['old'] === 100, 5_000);
  await again.close(0);
});

describe('with a disk that takes nothing', () => {
  /** A file in the place of the folder: nothing can be written there, not even by root. */
  const breakDisk = async (): Promise<() => Promise<void>> => {
    const aside = `${routed.directory}.aside`;
    await rename(routed.directory, aside);
    await writeFile(routed.directory, '');
    return async () => {
      await chmod(routed.directory, 0o600);
      await rename(routed.directory, `${aside}.file`);
      await rename(aside, routed.directory);
      await rename(`${aside}.file`, path.join(routed.directory, 'was-here'));
    };
  };

  test('a change is refused and nothing changes; giving back works, and is saved as soon as it can be', async () => {
    await shift(60);
    const repair = await breakDisk();
    await expect(routed.ask('PUT', '/weights', { weights: { old: 50, new: 50 }, lease: null })).rejects.toThrow(
      /cannot be saved/,
    );
    expect(await who()).toBe('new');
    await routed.ask('PUT', '/lease', { holder: 'h', seconds: 60 });
    const { saved: isSaved } = await routed.ask('PUT', '/weights', { weights: { old: 100 }, lease: null });
    expect(isSaved).toBe(false);
    expect(await who()).toBe('old');
    await repair();
    await poll('it is saved', async () => routed.router.state().saved && (await saved()).weights['old'] === 100);
  });

  test('a lease runs out all the same', async () => {
    await shift(0.2);
    const repair = await breakDisk();
    await poll('the traffic is back', async () => (await who()) === 'old');
    await repair();
    await poll('it is saved', () => routed.router.state().saved);
  });
});

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterTable } from '../../domain/host/router';
import { down } from '../../embedded';
import { writeJson } from '../../system/durable-file';
import { routerFolder } from '../../system/home';
import { isKeeperAlive, livingProcess, programFile } from '../../system/keeper';
import { hostProcesses } from '../../system/host-processes';
import { markOf, straysOf } from '../../system/strays';
import { ensureUnit, forgetUnit, listUnits, unitPidFile } from '../../system/units';
import { makePlace, until } from '../host/place';
import type { Place, TestRelease } from '../host/place';
import { SERVER } from '../host/scripts';
import { freePort } from '../support/ports';

const ROUNDS = 2;
let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.remove());

test('`down` leaves routers and releases serving; with `all` they end, and the keeper with them', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  await until('the release runs', async () => (await release.state()).instances[0]?.state === 'running');
  const { port } = (await release.state()).instances[0] ?? { port: 0 };
  const directory = routerFolder(place.home, 'shop', 'staging');
  const listen = { host: '127.0.0.1', port: await freePort() };
  await writeJson(path.join(directory, 'table.json'), tableOf(listen, port));
  const router = { name: 'router.shop.staging', directory, main: programFile('host/router/main.js') };
  await ensureUnit(place.home, { ...router, format: 1, kind: 'router' });
  const ask = async () =>
    (await fetch(`http://127.0.0.1:${listen.port}/`, { signal: AbortSignal.timeout(2_000) })).status;
  await until('the router serves', async () => (await ask()) === 200);

  expect(await down(place.home, { all: false, log: () => undefined })).toEqual({ engine: false, units: [], left: [] });
  expect(await ask()).toBe(200);

  const stopped = await down(place.home, { all: true, log: () => undefined });
  expect(stopped).toMatchObject({ units: ['router.shop.staging', 'runner.shop.staging.r1'], left: [] });
  await expect(ask()).rejects.toThrow(/fetch failed/);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(/fetch failed/);
  expect(await listUnits(place.home)).toEqual([]);
  expect([livingProcess(unitPidFile(directory)), release.runner()]).toEqual([null, null]);
  expect(isKeeperAlive(place.home)).toBe(false);
});

test.each<[string, (release: TestRelease) => Promise<unknown>]>([
  [
    'whose lock another one can take',
    ({ folder }) => rm(path.join(path.dirname(folder), `.${path.basename(folder)}.lock`)),
  ],
  ['that no unit names any more', ({ unit }) => forgetUnit(place.home, unit.name)],
])('`down --all` ends a runner %s, which would start its instance again', async (_which, lose) => {
  for (let round = 0; round < ROUNDS; round++) {
    const release = await place.release(`lost${round}`, SERVER);
    await release.start();
    await lose(release);
    const { left } = await down(place.home, { all: true, log: () => undefined });
    expect(left).toEqual([]);
    // The pause before a restart is 0.2 s: one that still could, would.
    await sleep(500);
    expect(hostProcesses(place.home)).toEqual([]);
    expect(straysOf({ folder: release.folder, mark: markOf(release.folder) })).toEqual([]);
  }
});

const tableOf = (listen: { host: string; port: number }, port: number): RouterTable => ({
  format: 1,
  app: 'shop',
  environment: 'staging',
  listen,
  settings: { slowMs: 1_000, drainMs: 1_000 },
  releases: { r1: { instances: [{ host: '127.0.0.1', port }] } },
  weights: { r1: 100 },
  lease: null,
  expired: null,
});

import { readFileSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterDeath, NO_DEATHS } from '../../../host/keeper/back-off';
import { boundLog } from '../../../host/keeper/unit-log';
import { keeperPidFile, livingProcess, startKeeper } from '../../../system/keeper';
import { identify, isAlive, signal, type ProcessIdentity } from '../../../system/process-identity';
import { readProcesses } from '../../../system/process-group';
import { ensureUnit, listUnits, removeUnit, unitFile } from '../../../system/units';
import { makePlace, until, type Place } from '../place';
import { SERVER } from '../scripts';

let place: Place;
beforeEach(async () => void (place = await makePlace()));
afterEach(() => place.remove());

const keeper = (): ProcessIdentity | null => livingProcess(keeperPidFile(place.home));

test('a unit that is wanted runs, many callers at once start one keeper and one process, and what is no unit does no harm', async () => {
  const release = await place.release('r1', SERVER);
  await Promise.all(Array.from({ length: 5 }, () => ensureUnit(place.home, release.unit)));
  await writeFile(path.join(place.home.host, 'units', 'broken.json'), '{');
  expect(await listUnits(place.home, () => undefined)).toEqual([release.unit]);
  await expect(listUnits(place.home)).rejects.toThrow('broken.json is not JSON');
  // Polled: between fork and exec a child still bears its parent's command.
  for (const [name, folder] of [
    ['mvca-runner', release.folder],
    ['mvca-keeper', place.home.root],
  ] as const) {
    const running = () => commandsNaming(folder).filter((command) => command.startsWith(name));
    await until(`one ${name} runs`, () => running().length === 1);
  }
  await release.state();
  const other = await place.release('r2', SERVER);
  await other.start();
  await rm(unitFile(place.home, 'broken'));
});

test('a killed unit is started again, and again', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  for (let round = 0; round < 3; round++) {
    const before = release.runner() as ProcessIdentity;
    signal(before, 'SIGKILL');
    await until('another one answers', async () => (await release.state()).pid !== before.pid);
  }
});

test('a killed keeper is revived by the units, which are left as they are', async () => {
  const releases = [await place.release('r1', SERVER), await place.release('r2', SERVER)];
  await Promise.all(releases.map((release) => release.start()));
  const [before, runners] = [keeper() as ProcessIdentity, releases.map((release) => release.runner())];
  signal(before, 'SIGKILL');
  await until('another keeper lives', () => keeper() !== null && keeper()?.pid !== before.pid);
  expect(releases.map((release) => release.runner())).toEqual(runners);
  // It keeps them: one that it has not started itself is started again.
  signal(runners[0] as ProcessIdentity, 'SIGKILL');
  await until('another runner answers', async () => (await releases[0]?.state())?.pid !== runners[0]?.pid);
});

test('a keeper and a unit that are killed at once come back by another unit', async () => {
  const releases = [await place.release('r1', SERVER), await place.release('r2', SERVER)];
  await Promise.all(releases.map((release) => release.start()));
  const [first] = releases;
  const [killedKeeper, killedRunner] = [keeper() as ProcessIdentity, first?.runner() as ProcessIdentity];
  const pid = (await first?.state())?.instances[0]?.pid;
  signal(killedKeeper, 'SIGKILL');
  signal(killedRunner, 'SIGKILL');
  await until('the runner is back', async () => (await first?.state())?.pid !== killedRunner.pid);
  expect((await first?.state())?.instances[0]?.pid).toBe(pid);
});

test('after everything died at once, as in a reboot, a keeper alone brings all back, on the same ports', async () => {
  const release = await place.release('r1', SERVER, { instances: 2 });
  await release.start();
  const before = (await release.state()).instances;
  await until('they listen', async () => (await release.state()).instances.every(({ state }) => state === 'running'));
  const pids = [keeper()?.pid, release.runner()?.pid, ...before.map(({ pid }) => pid)].map((pid) => pid ?? 0);
  const all = pids.map((pid) => identify(pid) as ProcessIdentity);
  for (const each of all) signal(each, 'SIGKILL');
  await until('nothing runs', () => all.every((each) => !isAlive(each)));
  startKeeper(place.home);
  await until('all run again', async () => (await release.state()).instances.every(({ state }) => state === 'running'));
  const after = (await release.state()).instances;
  expect(after.map(({ port }) => port)).toEqual(before.map(({ port }) => port));
  expect(after.every(({ pid }, index) => pid !== before[index]?.pid)).toBe(true);
});

test('SIGTERM ends the keeper alone', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  const [before, runner] = [keeper() as ProcessIdentity, release.runner()];
  signal(before, 'SIGTERM');
  await until('it has ended', () => !isAlive(before));
  expect(release.runner()).toEqual(runner);
  await until('another keeper lives', () => keeper() !== null);
});

test('the keeper ends by itself when nothing is wanted, and nothing of it is left but its log', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  const before = keeper() as ProcessIdentity;
  await release.stop();
  await removeUnit(place.home, release.unit.name);
  await until('it has ended', () => !isAlive(before));
  expect(commandsNaming(place.home.root)).toEqual([]);
  expect((await readdir(place.home.host)).filter((name) => name.startsWith('keeper'))).toEqual(['keeper.log']);
});

test('a unit that cannot start is an error with the end of its log', async () => {
  const release = await place.release('r1', SERVER);
  const unit = { ...release.unit, name: 'runner.shop.staging.none', directory: path.join(place.home.host, 'none') };
  await expect(ensureUnit(place.home, unit, 3_000)).rejects.toThrow(
    /none did not start within 3 s.*there is no .*release.json/s,
  );
  await removeUnit(place.home, unit.name);
  await expect(ensureUnit(place.home, { ...unit, name: '../x' })).rejects.toThrow('cannot be the name of a unit');
});

test('units get a clean environment', async () => {
  process.env['PLANTED_SECRET'] = 'planted';
  try {
    const release = await place.release('r1', SERVER);
    await release.start();
    for (const pid of [keeper()?.pid, release.runner()?.pid]) {
      const names = environmentOf(pid ?? 0);
      expect(names.filter((name) => !['PATH', 'HOME', 'LANG', 'TZ', 'MVCA_HOME'].includes(name))).toEqual([]);
    }
  } finally {
    delete process.env['PLANTED_SECRET'];
  }
});

test('starts again at once after the first death, and later and later while deaths are quick', () => {
  let deaths = NO_DEATHS;
  const waits: number[] = [];
  for (let n = 0; n < 8; n++) {
    deaths = afterDeath(deaths, 1_000, 2_000);
    waits.push(deaths.notBefore - 2_000);
  }
  expect(waits).toEqual([0, 250, 500, 1_000, 2_000, 5_000, 5_000, 5_000]);
  expect(afterDeath(deaths, 1_000, 60_000).notBefore).toBe(60_000);
  expect(afterDeath(deaths, null, 60_000).notBefore).toBe(60_000);
});

test('a log is cut to its end when it has grown too long', async () => {
  const file = path.join(place.home.root, 'unit.log');
  await writeFile(file, `${'x'.repeat(2_000_000)}end`);
  boundLog(file);
  expect((await stat(file)).size).toBe(256 * 1024);
  boundLog(path.join(place.home.root, 'none.log'));
});

function commandsNaming(text: string): string[] {
  return readProcesses()
    .map(({ pid }) => readLine(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter((command) => command.includes(text) && command.startsWith('mvca-'));
}

const environmentOf = (pid: number): string[] =>
  readLine(`/proc/${pid}/environ`)
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(0, entry.indexOf('=')));

function readLine(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // ended between two looks
  }
}

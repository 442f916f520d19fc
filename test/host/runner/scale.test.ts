import type { RunnerState } from '../../../domain/host/runner';
import { askAdmin } from '../../../system/admin';
import { adminSocket } from '../../../system/home';
import { readWanted, writeWanted } from '../../../system/instances';
import { readProcesses } from '../../../system/process-group';
import { isAlive, signal, type ProcessIdentity } from '../../../system/process-identity';
import { logText, makePlace, until, type Place, type TestRelease } from '../place';
import { SERVER, STUBBORN } from '../scripts';

let place: Place;
beforeEach(async () => void (place = await makePlace()));
afterEach(() => place.remove());

const scale = async (release: TestRelease, count: unknown): Promise<RunnerState> =>
  askAdmin<RunnerState>(await adminSocket(release.folder), 'PUT', '/instances', { body: { count }, timeoutMs: 20_000 });

const numbers = ({ instances }: RunnerState): number[] => instances.map(({ instance }) => instance);
const pids = ({ instances }: RunnerState): (number | null)[] => instances.map(({ pid }) => pid);
const isGone = (pid: number | null): boolean => readProcesses().every((row) => row.pid !== pid);

async function killRunner(release: TestRelease): Promise<void> {
  const runner = release.runner() as ProcessIdentity;
  signal(runner, 'SIGKILL');
  await until('it is gone', () => !isAlive(runner));
  await until('another runner runs', async () => (await release.state()).pid !== runner.pid);
}

test('runs as many instances as it is told, on the ports that they had, and leaves the others alone', async () => {
  const release = await place.release('r1', SERVER, { instances: 4 });
  await release.start();
  await until('all listen', async () => (await release.state()).instances.every(({ state }) => state === 'running'));
  const whole = await release.state();
  expect(whole.wanted).toBe(4);

  const fewer = await scale(release, 2);
  expect(fewer).toMatchObject({ wanted: 2 });
  expect(pids(fewer)).toEqual(pids(whole).slice(0, 2));
  for (const pid of pids(whole).slice(2)) expect(isGone(pid)).toBe(true);
  expect(await logText(release)).toContain('SIGTERM came');

  const again = await scale(release, 4);
  expect(pids(again).slice(0, 2)).toEqual(pids(fewer));
  expect(again.instances.map(({ port }) => port)).toEqual(whole.instances.map(({ port }) => port));
  expect(again.instances.every(({ pid }) => pid !== null)).toBe(true);
  await until('all listen', async () => (await release.state()).instances.every(({ state }) => state === 'running'));
  expect(again.instances.every(({ restarts }) => restarts === 0)).toBe(true);
  expect(pids(await scale(release, 4))).toEqual(pids(again));
});

test('a killed runner is followed by one that brings back just these, and ends what its forerunner was stopping', async () => {
  const release = await place.release('r1', SERVER, { instances: 3 });
  await release.start();
  const whole = await release.state();
  await scale(release, 1);
  await killRunner(release);
  await until('the next one answers', () => release.state());
  expect(await release.state()).toMatchObject({ wanted: 1 });
  expect(pids(await release.state())).toEqual(pids(whole).slice(0, 1));

  await scale(release, 3);
  // As it is when the runner was killed between its wish and the end of the instances.
  await writeWanted(release.folder, 2);
  const third = (await release.state()).instances[2]?.pid ?? null;
  await killRunner(release);
  await until('what is not wanted has ended', async () => isGone(third) && numbers(await release.state()).length === 2);
  expect(numbers(await release.state())).toEqual([0, 1]);
});

test('wishes are carried out one after another; the last one holds, and a stop ends them all', async () => {
  const release = await place.release('r1', SERVER, { instances: 3 });
  await release.start();
  await Promise.all([1, 3, 0, 2].map((count) => scale(release, count)));
  expect(numbers(await release.state())).toEqual([0, 1]);
  expect(await readWanted(release.folder)).toBe(2);
  const running = pids(await release.state());
  await release.stop();
  expect(running.every(isGone)).toBe(true);
  await release.start();
  expect(numbers(await release.state())).toEqual([0, 1]);
});

test('who does not end by itself is killed after the grace time', async () => {
  const release = await place.release('r1', STUBBORN, { instances: 2, graceMs: 300 });
  await release.start();
  await until('both talk', async () => (await logText(release)).split('child ').length === 3);
  const [, second] = pids(await release.state());
  await scale(release, 1);
  expect(isGone(second ?? null)).toBe(true);
  expect(await logText(release)).toContain('killed: it did not end within 0.3 s');
});

test.each([-1, 3, 1.5, '1', null])('refuses %p, and says what it expects', async (count) => {
  const release = await place.release('r1', SERVER, { instances: 2 });
  await release.start();
  await expect(scale(release, count)).rejects.toThrow(/expected a whole number from 0 to 2/);
  expect(numbers(await release.state())).toEqual([0, 1]);
});

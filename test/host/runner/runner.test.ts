import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLogs } from '../../../system/logs';
import { exitsAgain } from '../../../domain/gates/start-failure';
import { hostProcesses } from '../../../system/host-processes';
import { instancesFile, readInstances, writeInstances, type InstanceRecord } from '../../../system/instances';
import { readProcesses, type ProcessRow } from '../../../system/process-group';
import { identify, isAlive, signal, type ProcessIdentity } from '../../../system/process-identity';
import { markOf, straysOf } from '../../../system/strays';
import { forgetUnit } from '../../../system/units';
import { askAdmin } from '../../../system/admin';
import { adminSocket } from '../../../system/home';
import { logText, makePlace, until, type Place, type TestRelease } from '../place';
import { EXITS, LEAVES_GROUP, SERVER, STUBBORN, TALKER } from '../scripts';

let place: Place;
beforeEach(async () => void (place = await makePlace()));
afterEach(() => place.remove());

test('starts every instance in a group of its own, on a port of its own, with exactly the environment that it is promised', async () => {
  const release = await place.release(
    'r1',
    `${SERVER} console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env }));`,
    {
      instances: 2,
      start: ['node', 'app.js', '--listen=$PORT', '${LEVEL}-$INSTANCE', '$RELEASE/$VERSION', '$$5'],
      variables: { LEVEL: 'debug', TEXT: '500' },
    },
    { SESSION: 'a secret of some length' },
  );
  await release.start();
  await until('both listen', async () => (await release.state()).instances.every((each) => each.state === 'running'));
  const { instances } = await release.state();
  const [first, second] = instances;
  expect(first?.port).not.toBe(second?.port);
  expect(first?.port).toBeGreaterThanOrEqual(20_000);
  expect(first?.port).toBeLessThan(32_768);
  expect(groupOf(first?.pid)).toBe(first?.pid);
  expect(await get(second?.port)).toBe(String(second?.pid));

  const told = (await outputs(release)).find(({ env }) => env.MVCA_INSTANCE === '1');
  expect(told?.args).toEqual([`--listen=${second?.port}`, 'debug-1', 'r1/1.0.0', '$5']);
  const { PATH: _path, HOME: _home, LANG: _lang, TZ: _tz, ...rest } = told?.env ?? {};
  expect(rest).toEqual({
    LEVEL: 'debug',
    TEXT: '500',
    SESSION: '[secret]',
    PORT: String(second?.port),
    APP_VERSION: '1.0.0',
    MVCA_APP: 'shop',
    MVCA_ENVIRONMENT: 'staging',
    MVCA_RELEASE: 'r1',
    MVCA_INSTANCE: '1',
    MVCA_MARK: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
  });
});

test('tells CPU and memory of a whole process group', async () => {
  const release = await place.release(
    'r1',
    `${SERVER} setInterval(() => { const end = Date.now() + 20; while (Date.now() < end); }, 40);`,
  );
  await release.start();
  await until('CPU is known', async () => ((await release.state()).instances[0]?.cpu ?? 0) > 0.05);
  expect((await release.state()).instances[0]?.memoryBytes).toBeGreaterThan(10_000_000);
});

test('instances outlive a runner that is killed; the next runner adopts them and reads on, and no line of output kills them', async () => {
  const release = await place.release('r1', TALKER, { instances: 2 });
  await release.start();
  const before = (await release.state()).instances.map(({ pid, port }) => ({ pid, port }));
  await until('they talk', async () => (await logText(release)).includes('out 5'));
  for (let round = 0; round < 3; round++) await killRunner(release);
  await until('a new runner answers', () => release.state());
  const after = await release.state();
  expect(after.instances.map(({ pid, port }) => ({ pid, port }))).toEqual(before);
  expect(after.instances.every(({ restarts }) => restarts === 0)).toBe(true);
  expect(copiesOf(release)).toHaveLength(2);

  const numbers = await lastNumber(release);
  await until('output goes on', async () => (await lastNumber(release)) > numbers + 20);
  await until('they run', async () => (await release.state()).instances.every(({ state }) => state === 'running'));
});

test('an instance that ended while no runner was there is started again, and a killed one within a second or so', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  const [first] = await readInstances(release.folder);
  await killRunner(release, first?.process);
  await until('another process runs', async () => {
    const [now] = (await release.state()).instances;
    return now !== undefined && now.pid !== null && now.pid !== first?.process?.pid && now.state === 'running';
  });
  const [second] = (await release.state()).instances;
  expect(second).toMatchObject({ port: first?.port, restarts: 1, lastExit: { code: null, signal: null } });

  signal(identify(second?.pid ?? 0) as ProcessIdentity, 'SIGKILL');
  await until('a third process runs', async () => (await release.state()).instances[0]?.restarts === 2);
  await until('it listens', async () => (await release.state()).instances[0]?.state === 'running');
  expect((await release.state()).instances[0]).toMatchObject({
    port: first?.port,
    lastExit: { code: null, signal: 'SIGKILL' },
  });
});

test('a process that its killed runner could not write down is found, not started twice', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  const [record] = await readInstances(release.folder);
  await forgetUnit(place.home, release.unit.name);
  await killRunner(release, null, false);
  if (record !== undefined) await writeInstances(release.folder, [{ ...record, process: null, launching: true }]);
  await release.start();
  expect((await release.state()).instances[0]?.pid).toBe(record?.process?.pid);
  expect(copiesOf(release)).toHaveLength(1);
});

test('SIGTERM ends the runner alone', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  const [before] = (await release.state()).instances;
  const runner = release.runner();
  if (runner !== null) signal(runner, 'SIGTERM');
  await until('another runner answers', async () => (await release.state()).pid !== runner?.pid);
  expect((await release.state()).instances[0]?.pid).toBe(before?.pid);
});

test('an instance that exits at once backs off, is seen with its exit code, and its last words are kept', async () => {
  const release = await place.release('r1', EXITS);
  await release.start();
  const startLines = async () => (await lines(release)).filter(({ line }) => line.startsWith('started with pid'));
  await until('it was started again twice', async () => (await startLines()).length >= 3);
  const [instance] = (await release.state()).instances;
  expect(instance?.lastExit).toMatchObject({ code: 7, signal: null });
  await until('its words are kept', async () => (await logText(release)).includes('there is no UPSTREAM_URL'));
  await until('its end is kept', async () => (await logText(release)).includes('exited with code 7'));
  const starts = (await startLines()).map(({ at }) => Date.parse(at));
  expect(at(starts, 1) - at(starts, 0)).toBeGreaterThanOrEqual(200);
  expect(at(starts, 2) - at(starts, 1)).toBeGreaterThanOrEqual(400);
});

test.each([
  ['an unknown name in the start command', ['node', 'app.js', '$PROT'], /names \$PROT/],
  ['a program that is not there', ['no-such-program'], /`no-such-program`.* PATH/],
])('says what is wrong with %s', async (_what, start, words) => {
  const release = await place.release('r1', SERVER, { start });
  await release.start();
  await until('it is said', async () => words.test(await logText(release)));
  expect((await release.state()).instances[0]).toMatchObject({ pid: null, state: 'backing-off' });
  expect((await release.state()).instances[0]?.lastExit).not.toBeNull();
});

test('stops an instance that ignores SIGTERM together with its children, and ends itself', async () => {
  const release = await place.release('r1', STUBBORN, { graceMs: 400 });
  await release.start();
  await until('it has a child', async () => (await logText(release)).includes('child '));
  const pid = (await release.state()).instances[0]?.pid;
  const members = readProcesses().filter((row) => row.group === pid);
  expect(members).toHaveLength(2);
  const runner = release.runner() as ProcessIdentity;
  const answer = await askAdmin(await adminSocket(release.folder), 'PUT', '/stop', { timeoutMs: 20_000 });
  expect(answer).toMatchObject({ instances: [{ state: 'stopped', pid: null }] });
  expect(readProcesses().filter((row) => row.group === pid)).toEqual([]);
  await until('the runner has ended', () => !isAlive(runner));
  await sleep(600);
  expect(release.runner()).toBeNull();
  expect(await logText(release)).toContain('killed: it did not end within 0.4 s');
});

test('what has left the process group is ended: with its instance before the next one starts, and with the release', async () => {
  const release = await place.release('r1', LEAVES_GROUP, { instances: 2 });
  await release.start();
  await until('each has its own', () => marked(release).length === 4);
  const strays = marked(release).filter(({ group }) => !leadersOf(release).includes(group));
  expect(strays).toHaveLength(2);
  const [first] = await readInstances(release.folder);
  signal(first?.process as ProcessIdentity, 'SIGKILL');
  await until('it was started again', async () => (await release.state()).instances[0]?.restarts === 1);
  await until('each has one again', () => marked(release).length === 4);
  expect(strays.filter(({ pid }) => identify(pid) !== null)).toHaveLength(1);
  await release.stop();
  expect(marked(release)).toEqual([]);
});

test('a start command that ends and leaves its server behind is told so, and leaves nothing', async () => {
  const release = await place.release('r1', `${LEAVES_GROUP} setTimeout(() => process.exit(0), 200);`);
  await release.start();
  await until('it ended', async () => (await release.state()).instances[0]?.lastExit?.left !== undefined);
  const { instances } = await release.state();
  const often = instances.map((each) => ({ ...each, restarts: 3 }));
  expect(exitsAgain(often, new Map())).toMatch(
    /start command ends and leaves a process \(.+, pid \d+\) behind.*foreground/,
  );
  await release.stop();
  expect(marked(release)).toEqual([]);
});

test('a runner whose home is gone ends its instances and itself, and makes nothing again', async () => {
  const release = await place.release('r1', LEAVES_GROUP);
  await release.start();
  await until('it has left its group', () => marked(release).length === 2);
  const runner = release.runner() as ProcessIdentity;
  const mine = marked(release).flatMap(({ pid }) => identify(pid) ?? []);
  await rm(place.home.root, { recursive: true });
  await until('the runner has ended', () => !isAlive(runner));
  expect(mine.filter(isAlive)).toEqual([]);
  await until('the keeper has ended', () => hostProcesses(place.home).length === 0);
  expect(existsSync(release.folder)).toBe(false);
});

test('a stop lets an instance end in order and keeps what it says last', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  await until('it listens', async () => (await release.state()).instances[0]?.state === 'running');
  await Promise.all([release.stop(), release.stop()]);
  expect(await logText(release)).toContain('SIGTERM came');
  expect(release.runner()).toBeNull();
});

test('a release is stopped whole also when its runner was killed and is not wanted any more', async () => {
  const release = await place.release('r1', SERVER);
  await release.start();
  const [record] = await readInstances(release.folder);
  await forgetUnit(place.home, release.unit.name);
  await killRunner(release, null, false);
  expect(isAlive(record?.process as ProcessIdentity)).toBe(true);
  await release.stop();
  expect(isAlive(record?.process as ProcessIdentity)).toBe(false);
});

test('two releases never have the same port, and a release keeps its own over restarts', async () => {
  const [one, two] = [
    await place.release('r1', SERVER, { instances: 3 }),
    await place.release('r2', SERVER, { instances: 3 }),
  ];
  await Promise.all([one.start(), two.start()]);
  const ports = async (release: TestRelease) => (await release.state()).instances.map(({ port }) => port);
  const [first, second] = [await ports(one), await ports(two)];
  expect(new Set([...first, ...second]).size).toBe(6);
  await one.stop();
  await one.start();
  expect(await ports(one)).toEqual(first);
});

/** Kills the runner (and an instance in the same moment), and waits for the next one. */
async function killRunner(
  release: TestRelease,
  instance: ProcessIdentity | null = null,
  waitForNext = true,
): Promise<void> {
  await until('a runner runs', () => release.runner() !== null);
  const runner = release.runner() as ProcessIdentity;
  signal(runner, 'SIGKILL');
  if (instance !== null) signal(instance, 'SIGKILL');
  await until('it is gone', () => !isAlive(runner));
  if (waitForNext) await until('another runner runs', async () => (await release.state()).pid !== runner.pid);
}

/** All processes that the release started, by the mark of its folder. */
function marked(release: TestRelease): ProcessRow[] {
  const pids = straysOf({ folder: release.folder, mark: markOf(release.folder) }).map(({ pid }) => pid);
  return readProcesses().filter(({ pid }) => pids.includes(pid));
}

function leadersOf(release: TestRelease): (number | undefined)[] {
  const text = readFileSync(instancesFile(release.folder), 'utf8');
  const { instances } = JSON.parse(text) as { readonly instances: readonly InstanceRecord[] };
  return instances.map((record) => record.process?.pid);
}

const groupOf = (pid: number | null | undefined): number | undefined =>
  readProcesses().find((row) => row.pid === pid)?.group;

/** Leaders of groups that run this release's application. */
const copiesOf = (release: TestRelease): number[] =>
  readProcesses()
    .filter((row) => row.pid === row.group && cwdOf(row.pid) === `${release.folder}/app`)
    .map((row) => row.pid);

function cwdOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // ended between two looks
  }
}

async function lines(release: TestRelease): Promise<{ at: string; line: string; stream: string }[]> {
  const found = [];
  for await (const line of readLogs(release.folder)) found.push(line);
  return found;
}

async function lastNumber(release: TestRelease): Promise<number> {
  const numbers = (await lines(release)).map(({ line }) => Number(/^out (\d+)$/.exec(line)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function outputs(release: TestRelease): Promise<{ args: string[]; env: Record<string, string> }[]> {
  const isOutput = ({ line }: { line: string }) => line.startsWith('{"args"');
  await until('both say what they were told', async () => (await lines(release)).filter(isOutput).length === 2);
  return (await lines(release)).filter(isOutput).map(({ line }) => JSON.parse(line) as never);
}

const at = (list: readonly number[], index: number): number => list[index] ?? NaN;

const get = (port: number | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, agent: false }, (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('end', () => resolve(text));
      })
      .on('error', reject);
  });

/** Twenty switches under everything at once: a large upload, an event stream, a WebSocket, a thousand clients. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRouterTraffic } from '../../activities/traffic/router';
import { stopUnits } from '../../embedded/stop-units';
import { copyApp, packageRoot } from '../../scripts/example-apps';
import { homeAt } from '../../system/home';
import { startEchoClient, startEventReader, upload, type ParallelCounts } from '../support/clients';
import { freePort } from '../support/ports';
import { recordInstance } from '../support/recorded-instance';
import { removeScratch, scratch } from '../support/scratch';
import { startApp, untilStatus, type StartedApp } from '../support/started-app';

jest.setTimeout(480_000);

const SWITCHES = 20;
const CLIENTS = 1_000;
/** What a client waits between its requests: without it they keep a processor busy, and the test measures how the machine shares it. */
const PAUSE_MS = 500;
const BYTES = 200_000_000;
/** Until the thousand clients have shown what they alone take. */
const WARM_UP_MS = 5_000;
const MB = 1024 * 1024;
/** A thousand clients, their requests in flight, and the room that the collector of garbage takes at such a rate. */
const PEAK = 300 * MB;
/** What the last quarter of the run may take above the second. A router that kept the body would have grown by half of it, 100 MB. */
const GROWTH = 60 * MB;
const streamMs = process.env['MVCA_TEST_CHAOS'] === 'all' ? 60_000 : 12_000;
const home = homeAt(scratch());
const apps: StartedApp[] = [];
let crowd: ChildProcess | undefined;

afterAll(async () => {
  crowd?.kill('SIGKILL');
  await stopUnits(home, () => undefined);
  for (const { child } of apps) child.kill('SIGTERM');
  await Promise.all(apps.map(({ ended }) => ended));
  removeScratch();
});

/** The slow starter in two versions, each a process. */
async function startBoth(): Promise<readonly StartedApp[]> {
  const cwd = scratch();
  await copyApp('slow-starter', cwd);
  await symlink(path.join(packageRoot(), 'node_modules'), path.join(cwd, 'node_modules'));
  for (const version of ['1.0.0', '2.0.0']) {
    apps.push(await startApp({ cwd, command: ['node', 'src/server.js'], variables: { APP_VERSION: version } }));
  }
  await Promise.all(apps.map((app) => untilStatus(app, '/healthz', 200)));
  return apps;
}

/** A thousand clients, in a process of their own. Answers how to stop them, which tells what they counted. */
function startCrowd(url: string): () => Promise<ParallelCounts> {
  const args = [path.join(__dirname, '../support/crowd.js'), url, String(CLIENTS), String(PAUSE_MS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  crowd = child;
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve));
  return async () => {
    child.kill('SIGTERM');
    await ended;
    return JSON.parse(text) as ParallelCounts;
  };
}

/** Memory that the process has resident, now and at most so far, in bytes: proc(5). */
async function residentOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

test('nothing is lost in twenty switches, and the router buffers no body', async () => {
  const [one, two] = await startBoth();
  const port = await freePort();
  const listen = { host: '127.0.0.1', port };
  const route = { app: 'ticker', environment: 'production', listen, slowMs: 1_000, drainMs: 300 } as const;
  const traffic = createRouterTraffic(home);
  await traffic.ensure(route);
  const addressOf = (app?: StartedApp) => [{ host: '127.0.0.1', port: Number(new URL(app?.url ?? '').port) }];
  const releases = { one: addressOf(one), two: addressOf(two) };
  const serve = (name: 'one' | 'two') => {
    const weights = { one: 0, two: 0, [name]: 100 };
    return traffic.setWeights(route, { releases, weights, lease: null });
  };
  for (const [name, [address]] of Object.entries(releases))
    await recordInstance(home, name, address?.port ?? 0, 'ticker');
  const { pid } = await serve('one');
  const url = `http://127.0.0.1:${port}`;
  const stopCrowd = startCrowd(url);
  const events = startEventReader(`${url}/events`);
  const echo = startEchoClient({ url: `ws://127.0.0.1:${port}/echo`, everyMs: 20 });
  await sleep(WARM_UP_MS);
  const resident: number[] = [];
  const sent = upload({ url: `${url}/checksum`, bytes: BYTES, bytesPerSecond: BYTES / (streamMs / 1000) });
  for (let n = 1; n <= SWITCHES; n += 1) {
    await sleep(streamMs / SWITCHES);
    await serve(n % 2 === 1 ? 'two' : 'one');
    resident.push((await residentOf(pid)).now);
  }
  const uploaded = await sent;
  const [asked, read, echoed] = await Promise.all([stopCrowd(), events.stop(), echo.stop()]);
  const { peak } = await residentOf(pid);
  const state = await traffic.read(route);
  const lost = Object.values(state?.figures ?? {}).map(({ connectErrors, resets, timeouts }) => ({
    connectErrors,
    resets,
    timeouts,
  }));
  const growth = median(resident.slice(-SWITCHES / 4)) - median(resident.slice(SWITCHES / 4, SWITCHES / 2));
  const inMB = (bytes: number) => `${Math.round(bytes / MB)} MB`;
  process.stderr.write(
    `${asked.requests} requests of 1,000 clients, ${read.events} events (${read.reconnects} reconnects), ` +
      `${echoed.echoed} echoes (${echoed.resent} sent again); router at most ${inMB(peak)}, ` +
      `from the second to the last quarter ${inMB(growth)} more (${resident.map(inMB).join(', ')}); ` +
      `the router's own count: ${JSON.stringify(lost)}\n`,
  );
  expect({ failed: asked.failed, ok: asked.ok }).toEqual({ failed: {}, ok: asked.requests });
  expect(Object.keys(asked.byVersion).sort()).toEqual(['1.0.0', '2.0.0']);
  expect({ status: uploaded.status, answer: JSON.parse(uploaded.answer) as unknown }).toEqual({
    status: 200,
    answer: { bytes: BYTES, sha256: uploaded.sha256 },
  });
  expect(read).toMatchObject({ gaps: 0, repeats: 0 });
  expect(echoed).toMatchObject({ wrong: 0, echoed: echoed.sent });
  expect(state?.pid).toBe(pid);
  expect(peak).toBeLessThan(PEAK);
  expect(growth).toBeLessThan(GROWTH);
});

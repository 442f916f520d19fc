/** Five applications of different kinds: a first release, then a second by blue-green while a client asks 100 times a second. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSpec } from '../../domain/spec/parse';
import type { Spec } from '../../domain/spec/spec';
import { startCounting, type CountingClient, type RequestKind } from '../../scripts/counting-client';
import { applyVersion, copyApp, editSpec, exampleApps, packageRoot } from '../../scripts/example-apps';
import { approve } from '../../workflows/messages';
import { createBench, request, setSecret, type Bench } from '../support/deploying';
import { startEchoClient, startEventReader } from '../support/clients';
import { freePort } from '../support/ports';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { removeScratch, scratch } from '../support/scratch';

jest.setTimeout(480_000);

const DRAIN_MS = 5_000;
/** Five installations at once. */
const FIRST_MS = 360_000;

interface Kind {
  readonly mix: readonly RequestKind[];
  /** Where the second release answers something else, and what. */
  readonly differs: { readonly path: string; readonly second: string };
}

const get = (place: string): RequestKind => ({ method: 'GET', path: place, share: 1 });
const KINDS: Readonly<Record<string, Kind>> = {
  'express-postgres': { mix: [get('/notes'), get('/')], differs: { path: '/', second: '"limit":50' } },
  'typescript-build': { mix: [get('/'), get('/node')], differs: { path: '/', second: '"links":4' } },
  'static-site': { mix: [get('/'), get('/about.html')], differs: { path: '/', second: 'The pumpkins' } },
  'no-dependencies': {
    mix: [get('/convert?celsius=21')],
    differs: { path: '/convert?celsius=2.675', second: '"fahrenheit":36.81,"kelvin":275.82' },
  },
  'slow-starter': { mix: [get('/')], differs: { path: '/events', second: '"unit":"tick"' } },
};

let bench: Bench;
let database: TestPostgres;
beforeAll(async () => {
  [bench, database] = await Promise.all([createBench(), startPostgres()]);
  const table = await readFile(path.join(packageRoot(), 'examples/apps/express-postgres/schema.sql'), 'utf8');
  await database.query(`set role app; ${table}`);
  for (const environment of ['staging', 'production']) {
    await setSecret(bench.home, { app: 'notes', environment, name: 'DATABASE_URL' }, database.url);
  }
});
afterAll(async () => {
  await bench.stop();
  await database.stop();
  removeScratch();
});

test('every example application is deployed here, but for the one of the demo', async () => {
  expect([...Object.keys(KINDS), 'shop'].sort()).toEqual([...(await exampleApps())].sort());
});

test.concurrent.each(Object.entries(KINDS))(
  '%s: a second release takes the place of the first, and no request fails',
  async (app, { mix, differs }) => {
    const project = scratch();
    await copyApp(app, project);
    const { spec, url } = await specOf(project);
    await release(spec, project, '1.0.0');
    expect(await firstWords(url + differs.path)).not.toContain(differs.second);

    const client = startCounting({ url, perSecond: 20, mix });
    const streams = app === 'slow-starter' ? holdStreams(url, client) : Promise.resolve();
    await applyVersion(app, project, '2.0.0');
    await Promise.all([release(spec, project, '2.0.0'), streams]);
    const counts = await client.stop();

    expect(counts).toMatchObject({ failed: {}, failures: 0, inFlight: 0 });
    expect(Object.keys(counts.byVersion).sort()).toEqual(['1.0.0', '2.0.0']);
    expect(await firstWords(url + differs.path)).toContain(differs.second);
  },
);

/** The application's own spec, on free ports and with short watches. */
async function specOf(project: string): Promise<{ spec: Spec; url: string }> {
  const file = path.join(project, 'deployment.yaml');
  const [staging, production] = [await freePort(), await freePort()];
  const watch = { for: '5s', minimum: 4 };
  await editSpec(file, {
    'environments.staging.traffic.listen': `127.0.0.1:${staging}`,
    'environments.staging.watch': watch,
    'environments.staging.rehearse': false,
    'environments.production.traffic': { kind: 'router', listen: `127.0.0.1:${production}`, drain: `${DRAIN_MS}ms` },
    // Ten deployments share this machine with their clients: what is measured is what gets lost, not how fast it is.
    'environments.production.watch': { ...watch, response: '5s' },
  });
  const parsed = parseSpec(await readFile(file, 'utf8'), file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return { spec: parsed.spec, url: `http://127.0.0.1:${production}` };
}

async function release(spec: Spec, directory: string, version: string): Promise<void> {
  const running = await bench.start(request(spec, { directory, version }));
  const { waitingFor } = await running.until(
    (status) => status.waitingFor?.kind === 'approval' || status.outcome !== null,
    FIRST_MS,
  );
  if (waitingFor !== null) await running.handle.signal(approve, { by: 'bo', digest: waitingFor.digest ?? '' });
  expect(await running.result()).toMatchObject({ outcome: 'succeeded', version, reason: null });
}

/** The beginning of an answer, which may be a stream without an end. */
async function firstWords(url: string): Promise<string> {
  const stop = new AbortController();
  const { body } = await fetch(url, { signal: stop.signal });
  let said = '';
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    said += Buffer.from(chunk).toString();
    if (said.includes('\n\n')) break;
  }
  stop.abort();
  return said;
}

/** An event stream and a WebSocket stay with the first release until the drain limit, then go on with the second, and lose nothing. */
async function holdStreams(url: string, client: CountingClient): Promise<void> {
  const events = startEventReader(`${url}/events`);
  const echo = startEchoClient({ url: `${url.replace('http', 'ws')}/echo`, everyMs: 20 });
  await until(() => (client.snapshot().byVersion['2.0.0'] ?? 0) > 0);
  const switchedMs = performance.now();
  await sleep(DRAIN_MS / 2);
  if (performance.now() - switchedMs < DRAIN_MS * 0.9) {
    expect([events.snapshot().reconnects, echo.snapshot().closes]).toEqual([0, {}]);
  }
  await until(() => events.snapshot().reconnects > 0 && Object.keys(echo.snapshot().closes).length > 0);
  const { sent } = echo.snapshot();
  await until(() => echo.snapshot().echoed > sent + 10);
  const [read, echoed] = await Promise.all([events.stop(), echo.stop()]);
  expect(read).toMatchObject({ gaps: 0, repeats: 0, reconnects: 1 });
  expect(echoed).toMatchObject({ wrong: 0, echoed: echoed.sent });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 240_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never so: ${condition.toString()}`);
    await sleep(20);
  }
}

/** Staging tries the way back of the very change before production is asked. */
import { createProcessPlatform } from '../../activities/platforms/process';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { startCounting, type CountingClient } from '../../scripts/counting-client';
import { abort } from '../../workflows/messages';
import { createBench, request, type Bench } from '../support/deploying';
import { answers, approved, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const rehearsing = (app: string, change: Partial<EnvironmentSpec> = {}): Promise<Spec> =>
  shopNamed(app, (environment) => ({ ...environment, rehearse: environment.name === 'staging', ...change }));

const clientOf = (spec: Spec, environment: number): CountingClient =>
  startCounting({
    url: `http://127.0.0.1:${spec.environments[environment]?.traffic.listen.port ?? 0}`,
    perSecond: 30,
    mix: [{ method: 'GET', path: '/work', share: 1 }],
  });

test('back to the old release and forth again under load, and no request fails', async () => {
  const spec = await rehearsing('rehearsed');
  const first = await deployed(bench, spec, '1.0.0');
  expect((await first.status()).plan?.environments.map(({ rehearsal }) => rehearsal)).toEqual([
    { seconds: 0, reason: 'nothing serves yet, so there is no way back to rehearse' },
    null,
  ]);
  const clients = [clientOf(spec, 0), clientOf(spec, 1)];
  const running = await deployed(bench, spec, '1.1.0');
  const { steps, plan } = await running.status();
  expect(plan?.environments[0]?.rehearsal).toMatchObject({ seconds: 1.2 });
  const done = steps.filter(({ step, state }) => /^rehearse/.test(step) && state === 'succeeded');
  expect(done.map(({ environment, step, summary }) => `${environment} ${step}: ${summary}`)).toEqual([
    expect.stringMatching(/^staging rehearse-back: 100 % to 1\.0\.0-.*rehearsed in \d+\.\d s$/),
    expect.stringMatching(/^staging rehearse-forth: 100 % to 1\.1\.0-.*rehearsed in \d+\.\d s$/),
  ]);
  expect(await answers(spec, 'staging')).toEqual({ '1.1.0': 10 });
  for (const client of clients) {
    await client.stop();
    expect(client.snapshot()).toMatchObject({ failed: {}, failures: 0 });
  }
  expect((await running.handle.fetchHistory()).events?.length).toBeLessThanOrEqual(300);
});

/** The newer one writes what the older one cannot read: it stays up, and its page fails. */
const formatted = (format: number): string => {
  const folder = scratch();
  const source = `const fs = require('node:fs');
const FORMAT = ${format};
fs.mkdirSync('data', { recursive: true });
if (!fs.existsSync('data/format') || Number(fs.readFileSync('data/format', 'utf8')) < FORMAT) fs.writeFileSync('data/format', String(FORMAT));
require('node:http').createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  const reads = Number(fs.readFileSync('data/format', 'utf8')) <= FORMAT;
  response.statusCode = request.url === '/healthz' || reads ? 200 : 500;
  response.end(\`version \${process.env.APP_VERSION}\`);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
  writeFiles(folder, { 'server.js': source, '.mvcaignore': '' });
  return folder;
};

test('an old release that fails on what the new one left ends the deployment before production is asked', async () => {
  const ordinary = await rehearsing('one-way');
  const persistent = ({ platform }: EnvironmentSpec) => ({ platform: { ...platform, persistent: ['data'] } });
  const spec = approved({
    ...ordinary,
    environments: ordinary.environments.map((each) => ({ ...each, ...persistent(each) })),
  });
  const unasked = { ...spec, environments: spec.environments.map((each) => ({ ...each, approval: null })) };
  const before = await bench.start(request(unasked, { version: '1.0.0', directory: formatted(1) }));
  expect(await before.result()).toMatchObject({ outcome: 'succeeded' });
  const running = await bench.start(request(spec, { version: '2.0.0', directory: formatted(2) }));
  const { outcome, failure, reason } = await running.result();
  expect({ outcome, failure }).toEqual({ outcome: 'rejected', failure: 'RehearsalFailed' });
  expect(reason).toMatch(
    /the way back does not work in staging: 1\.0\.0-\w+ did not come back: GET \/ of instance 0: answered 500, expected 200\n.*Next: mend.*environments\.staging\.rehearse: false/,
  );
  const status = await running.status();
  expect(status.steps.map(({ step }) => step)).not.toContain('approval');
  expect(undone(status)).toEqual(['staging shift', 'staging start']);
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  expect(await kept(bench, 'one-way', 'production')).toEqual(['1.0.0']);
  expect(await kept(bench, 'one-way', 'staging')).toEqual(['1.0.0']);
});

describe('what must never run twice', () => {
  const singleton = ({ platform }: EnvironmentSpec): Partial<EnvironmentSpec> => ({
    platform: { ...platform, singleton: true },
  });
  let spec: Spec;
  beforeAll(async () => {
    const ordinary = await rehearsing('alone');
    spec = { ...ordinary, environments: ordinary.environments.map((each) => ({ ...each, ...singleton(each) })) };
    await deployed(bench, spec, '1.0.0');
  });

  test('stops and starts both ways', async () => {
    const running = await deployed(bench, spec, '1.1.0');
    const { steps, releases } = await running.status();
    expect(steps.filter(({ step, state }) => /^rehearse/.test(step) && state === 'succeeded')).toHaveLength(2);
    expect(await answers(spec, 'staging')).toEqual({ '1.1.0': 10 });
    expect(await kept(bench, 'alone', 'staging')).toEqual(['1.1.0', '1.0.0 stopped']);
    expect(releases.filter(({ environment }) => environment === 'staging')).toMatchObject([
      { version: '1.1.0', weight: 100 },
    ]);
  });

  test('is as it was when the rehearsal is aborted', async () => {
    const running = await bench.start(request(spec, { version: '1.2.0', directory: goodFolder() }));
    bench.onActivity = async (name, environment) => {
      if (name !== 'watchRelease' || environment !== 'staging') return;
      const { step } = await running.status();
      if (!/^rehearse/.test(step)) return;
      bench.onActivity = null;
      await running.handle.signal(abort, { by: 'ana', reason: 'not today' });
    };
    expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'Aborted' });
    bench.onActivity = null;
    const status = await running.status();
    expect(status.failures).toEqual([]);
    expect(await answers(spec, 'staging')).toEqual({ '1.1.0': 10 });
    expect((await kept(bench, 'alone', 'staging')).filter((version) => version.startsWith('1.2.0'))).toEqual([]);
  });
});

describe('what is replaced batch by batch, so that nothing of the old release runs any more', () => {
  const app = 'rolled';
  let spec: Spec;
  beforeAll(async () => {
    const ordinary = await rehearsing(app);
    const rolling = ({ platform }: EnvironmentSpec): Partial<EnvironmentSpec> => ({
      strategy: { kind: 'rolling', batch: 1, eachMs: 1_200, onInsufficient: 'hold' },
      platform: { ...platform, instances: 2 },
    });
    const environments = ordinary.environments.map((each) =>
      each.name === 'staging' ? { ...each, ...rolling(each) } : each,
    );
    spec = { ...ordinary, environments };
    await deployed(bench, spec, '1.0.0');
  });

  /** Instances in staging by version that run, of releases that are kept. */
  async function instances(): Promise<Record<string, number>> {
    const all = await createProcessPlatform(bench.home).status(app, 'staging');
    const running = all.map((each) => each.instances.filter(({ state }) => state === 'running').length);
    return Object.fromEntries(all.map(({ version }, n) => [version, running[n] ?? 0]));
  }

  /** Users of staging are served by this version alone, by all of its instances. */
  async function isWhole(version: string): Promise<void> {
    expect(await answers(spec, 'staging')).toEqual({ [version]: 10 });
    expect(await instances()).toMatchObject({ [version]: 2 });
    const serving = new Set(Array.from({ length: 2 }, (_, n) => String(n)));
    const port = spec.environments[0]?.traffic.listen.port ?? 0;
    for (let n = 0; n < 20 && serving.size > 0; n += 1)
      serving.delete((await fetch(`http://127.0.0.1:${port}/`)).headers.get('x-instance') ?? '');
    expect([...serving]).toEqual([]);
  }

  const begin = (version: string) => bench.start(request(spec, { version, directory: numbered() }));

  test('goes back to all instances of the old release and forth again, with a gap that the plan names', async () => {
    const running = await begin('1.1.0');
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    const { steps, plan, timings = [] } = await running.status();
    expect(plan?.environments[0]?.rehearsal?.reason).toMatch(/forth again, with a gap each way$/);
    expect(plan?.environments[0]?.downtime.reason).toContain('in the rehearsal one release stops before the other');
    const done = steps.filter(({ environment, state }) => environment === 'staging' && state === 'succeeded');
    expect(done.map(({ step }) => step)).toEqual([
      ...['make-room', 'start', 'smoke', 'shift-50', 'watch-50', 'replace-100', 'watch'],
      ...['rehearse-back', 'rehearse-forth', 'prove'],
    ]);
    expect(timings.filter(({ what }) => what === 'gap')).toEqual([]);
    await isWhole('1.1.0');
    expect(await instances()).toEqual({ '1.1.0': 2, '1.0.0': 0 });
  });

  test.each<[string, number]>([
    ['on the way back', 0],
    ['on the way forth', 1],
  ])('is as it was when the rehearsal is aborted %s', async (_where, skip) => {
    const running = await begin(`1.2.${skip}`);
    let seen = 0;
    bench.onActivity = async (name, environment) => {
      if (name !== 'restartRelease' || environment !== 'staging' || seen++ < skip) return;
      bench.onActivity = null;
      await running.handle.signal(abort, { by: 'ana', reason: 'not today' });
    };
    const { outcome, failure } = await running.result();
    const { failures, unfinished } = await running.status();
    expect({ outcome, failure, failures, unfinished }).toEqual({
      outcome: 'rejected',
      failure: 'Aborted',
      failures: [],
      unfinished: [],
    });
    await isWhole('1.1.0');
    expect(Object.keys(await instances())).not.toContain(`1.2.${skip}`);
  });

  test('is as it was when the new release does not come again', async () => {
    bench.faults = [{ activity: 'watchRelease', environment: 'staging', when: 'after', skip: 3, times: 1, app }];
    const running = await begin('1.3.0');
    expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'RehearsalFailed' });
    bench.faults = [];
    const { steps, failures } = await running.status();
    expect(steps.filter(({ state }) => state === 'failed').map(({ step }) => step)).toEqual(['rehearse-forth']);
    expect(failures).toEqual([]);
    await isWhole('1.1.0');
    expect(Object.keys(await instances())).not.toContain('1.3.0');
  });
});

let numberedFolder: string | null = null;
/** The application, which says which of its instances answers. */
function numbered(): string {
  if (numberedFolder !== null) return numberedFolder;
  const folder = scratch();
  const source = `const http = require('node:http');
const server = http.createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  response.setHeader('x-instance', process.env.MVCA_INSTANCE);
  response.end('version ' + process.env.APP_VERSION);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`;
  writeFiles(folder, { 'server.js': source, '.mvcaignore': '' });
  return (numberedFolder = folder);
}

test('a rehearsal that fails on the way forth is undone like every other step', async () => {
  const app = 'broken-forth';
  const spec = await rehearsing(app);
  await deployed(bench, spec, '1.0.0');
  bench.faults = [{ activity: 'watchRelease', environment: 'staging', when: 'after', skip: 2, times: 1, app }];
  const running = await bench.start(request(spec, { version: '1.1.0', directory: goodFolder() }));
  expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'RehearsalFailed' });
  bench.faults = [];
  const status = await running.status();
  const failed = status.steps.filter(({ state }) => state === 'failed').map(({ step }) => step);
  expect(failed).toEqual(['rehearse-forth']);
  expect(undone(status)).toEqual(['staging shift', 'staging start']);
  expect(await answers(spec, 'staging')).toEqual({ '1.0.0': 10 });
});

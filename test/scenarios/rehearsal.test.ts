/** Staging tries the way back of the very change before production is asked. */
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { startCounting, type CountingClient } from '../../scripts/counting-client';
import { abort } from '../../workflows/messages';
import { createBench, request, type Bench } from '../support/deploying';
import { answers, approved, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(180_000);

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
    perSecond: 100,
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

import { createProcessPlatform } from '../../activities/platforms/process';
import type { DeploymentStatus } from '../../domain/deployment';
import type { EnvironmentSpec, RollingSpec, Spec } from '../../domain/spec/spec';
import { startCounting, type CountingClient } from '../../scripts/counting-client';
import { abort } from '../../workflows/messages';
import { createBench, request, type Bench, type Fault } from '../support/deploying';
import { answers, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';
import { watchServing } from '../support/serving';

jest.setTimeout(600_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const ROLLING: RollingSpec = { kind: 'rolling', batch: 1, eachMs: 1_200, onInsufficient: 'hold' };

/** Production alone: what is asked here does not depend on staging. */
async function rollingShop(app: string, instances: number, change: Partial<EnvironmentSpec> = {}): Promise<Spec> {
  const spec = await shopNamed(app);
  const environments = spec.environments
    .filter(({ name }) => name === 'production')
    .map((each) => ({ ...each, strategy: ROLLING, platform: { ...each.platform, instances }, ...change }));
  return { ...spec, environments };
}

const clientOf = (spec: Spec): CountingClient =>
  startCounting({
    url: `http://127.0.0.1:${spec.environments[0]?.traffic.listen.port ?? 0}`,
    perSecond: 50,
    mix: [{ method: 'GET', path: '/work', share: 1 }],
  });

/** The application, but for one instance of it. */
function folderWhere(instance: number, body: string): string {
  const folder = scratch();
  const server = `const http = require('node:http');
const isMeant = process.env.MVCA_INSTANCE === '${instance}';
${body}
const server = http.createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  if (isMeant && request.url === '/work') response.statusCode = 500;
  response.end('version ' + process.env.APP_VERSION);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`;
  writeFiles(folder, { 'server.js': server, '.mvcaignore': '' });
  return folder;
}

const steps = ({ steps: events }: DeploymentStatus): string[] =>
  events.filter(({ state, environment }) => state === 'succeeded' && environment !== null).map(({ step }) => step);

/** Instances by version that run, of releases that are kept. */
async function running(app: string): Promise<Record<string, number>> {
  const all = await createProcessPlatform(bench.home).status(app, 'production');
  return Object.fromEntries(
    all.map(({ version, instances }) => [version, instances.filter(({ state }) => state === 'running').length]),
  );
}

describe('four instances under 50 requests a second', () => {
  const app = 'rolling';
  let spec: Spec;
  let version = '1.0.0';
  beforeAll(async () => {
    spec = await rollingShop(app, 4);
    await deployed(bench, spec, version);
  });

  /** What must hold however it ends: at every moment so many serve and no more than four run, and it is whole again. */
  async function under(
    how: () => Promise<DeploymentStatus>,
    { least = 3, failures = 0 }: { readonly least?: number; readonly failures?: number } = {},
  ): Promise<DeploymentStatus> {
    const client = clientOf(spec);
    const serving = watchServing(bench.home, app);
    const status = await how();
    const span = await serving.stop();
    const counts = await client.stop();
    expect(span.least).toBeGreaterThanOrEqual(least);
    expect(span.most).toBeLessThanOrEqual(4);
    expect(counts.failures).toBeLessThanOrEqual(failures);
    expect(status.failures).toEqual([]);
    expect(await answers(spec, 'production')).toEqual({ [version]: 10 });
    expect(await running(app)).toMatchObject({ [version]: 4 });
    return status;
  }

  const start = (next: string, directory = goodFolder()) => bench.start(request(spec, { version: next, directory }));

  test('are replaced one by one, no request fails, and never fewer than three serve', async () => {
    const status = await under(async () => {
      version = '1.1.0';
      return (await deployed(bench, spec, version)).status();
    });
    const course = ['make-room', 'start', 'smoke', 'shift-25', 'watch-25', 'replace-50', 'watch-50', 'replace-75'];
    expect(steps(status)).toEqual([...course, 'watch-75', 'replace-100', 'watch', 'prove']);
    const [old, fresh] = ['1.0.0', '1.1.0'].map((each) => status.releases.find((view) => view.version === each));
    expect(fresh).toMatchObject({ weight: 100, instances: 4 });
    expect(old).toMatchObject({ weight: 0, instances: 0, state: 'stopped' });
    expect(status.watches.slice(0, 3).every((watch) => watch.oldRelease !== null)).toBe(true);
    expect(await kept(bench, app, 'production')).toEqual(['1.1.0', '1.0.0 stopped']);
  });

  test('come back when the second batch answers with errors', async () => {
    const status = await under(
      async () => {
        const started = await start('1.2.0', folderWhere(1, ''));
        expect(await started.result()).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
        return started.status();
        // A sick release loses its traffic at once, whoever is left to take it.
      },
      { least: 2, failures: 400 },
    );
    expect(undone(status)).toEqual(['replace', 'shift', 'start', 'make-room'].map((step) => `production ${step}`));
    expect(status.watches.at(-1)).toMatchObject({ verdict: 'unhealthy', givenBack: true });
    expect(Object.keys(await running(app))).not.toContain('1.2.0');
  });

  test('come back batch by batch when the third one does not start', async () => {
    const exits = folderWhere(2, "if (isMeant) { console.error('no room'); process.exit(3); }");
    const status = await under(async () => {
      const started = await start('1.3.0', exits);
      expect(await started.result()).toMatchObject({ outcome: 'rolled-back', failure: 'StartFailed' });
      return started.status();
    });
    expect(undone(status)[0]).toBe('production replace');
  });

  test('come back when a person aborts in the midst of a batch', async () => {
    const status = await under(async () => {
      let calls = 0;
      const started = await start('1.4.0');
      bench.onActivity = async (name) => {
        if (name === 'scaleRelease' && (calls += 1) === 4)
          await started.handle.signal(abort, { by: 'bo', reason: 'not today' });
      };
      expect(await started.result()).toMatchObject({
        outcome: 'rolled-back',
        reason: expect.stringContaining('not today') as string,
      });
      bench.onActivity = null;
      return started.status();
    });
    expect(undone(status)[0]).toBe('production replace');
  });
});

describe('a failure at any step puts everything back:', () => {
  const app = 'rolling-fails';
  let spec: Spec;
  beforeAll(async () => {
    spec = await rollingShop(app, 2);
    await deployed(bench, spec, '1.0.0');
  });

  const CASES: readonly Omit<Fault, 'app'>[] = [
    { activity: 'scaleRelease', when: 'after', times: 1 },
    { activity: 'watchRelease', when: 'after', times: 1 },
    { activity: 'scaleRelease', when: 'after', skip: 1, times: 1 },
    { activity: 'scaleRelease', when: 'after', skip: 2, times: 1 },
    { activity: 'proveRelease', when: 'before' },
  ];
  test.each(CASES.map((fault, n) => [`${fault.activity} ${fault.when} its effect`, fault, n] as const))(
    '%s: %#',
    async (_title, fault, n) => {
      bench.faults = [{ ...fault, app }];
      const started = await bench.start(request(spec, { version: `2.0.${n}`, directory: goodFolder() }));
      const { outcome } = await started.result();
      bench.faults = [];
      const status = await started.status();
      expect({ outcome, failures: status.failures }).toEqual({ outcome: 'rolled-back', failures: [] });
      expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
      expect(await running(app)).toEqual({ '1.0.0': 2 });
    },
  );
});

test('what must never run twice is stopped first; the gap is measured, said, and predicted the next time', async () => {
  const app = 'rolling-single';
  const base = await rollingShop(app, 1);
  const spec: Spec = {
    ...base,
    environments: base.environments.map((each) => ({ ...each, platform: { ...each.platform, singleton: true } })),
  };
  await deployed(bench, spec, '1.0.0');
  const serving = watchServing(bench.home, app);
  const status = await (await deployed(bench, spec, '2.0.0')).status();
  expect((await serving.stop()).most).toBe(1);
  const gap = status.timings?.find(({ what }) => what === 'gap');
  expect(gap?.seconds).toBeGreaterThan(0);
  const shift = status.steps.find(({ step, state }) => step === 'shift-100' && state === 'succeeded');
  expect(shift?.summary).toContain(`nobody served for ${gap?.seconds.toFixed(1)} s`);
  const last = status.plan?.environments[0]?.downtime;
  expect(last?.reason).toMatch(/the last start took that long/);
  const next = await (await deployed(bench, spec, '3.0.0')).status();
  expect(next.plan?.environments[0]?.downtime).toEqual({
    seconds: gap?.seconds,
    reason: expect.stringContaining('median of 1 measured gaps') as string,
  });

  // A person's rollback does the same: never two at once.
  const returning = watchServing(bench.home, app);
  const [environment] = spec.environments as [EnvironmentSpec];
  const back = await bench.rollback({ app, environment, notify: [], to: null, requester: 'bo', reason: 'slow' });
  expect(await back.result()).toMatchObject({ outcome: 'succeeded' });
  expect((await returning.stop()).most).toBe(1);
  expect((await back.status()).timings?.map(({ what }) => what)).toEqual(['gap']);
  expect(await answers(spec, 'production')).toEqual({ '2.0.0': 10 });
});

test('the command that is named for old instances that could not be put back puts them back', async () => {
  const app = 'rolling-thin';
  const spec = await rollingShop(app, 2);
  await deployed(bench, spec, '1.0.0');
  bench.faults = [
    { activity: 'watchRelease', when: 'before', app },
    { activity: 'scaleRelease', when: 'before', skip: 1, app },
  ];
  const failing = await bench.start(request(spec, { version: '1.1.0', directory: goodFolder() }));
  expect(await failing.result()).toMatchObject({ outcome: 'rollback-failed' });
  bench.faults = [];
  const [left, ...others] = (await failing.status()).unfinished;
  expect(others).toEqual([]);
  const { release = '' } = left ?? {};
  expect(left).toMatchObject({
    step: 'make-room',
    command: `mvca rollback ${app} --environment production --to ${release} --reason WHY`,
  });
  expect(await running(app)).toEqual({ '1.0.0': 1 });

  const [environment] = spec.environments as [EnvironmentSpec];
  const back = { app, environment, notify: [], to: release, requester: 'ana', reason: 'to finish it' };
  const whole = await bench.rollback(back);
  expect(await whole.result()).toMatchObject({ outcome: 'succeeded', version: '1.0.0' });
  expect(await running(app)).toEqual({ '1.0.0': 2 });
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  // Nothing was left behind by it: the same version is not one that was rolled back.
  expect((await whole.status()).leaves).toBeUndefined();
});

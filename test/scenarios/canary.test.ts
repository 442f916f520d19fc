import type { CanarySpec, EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { startCounting, type CountingClient } from '../../scripts/counting-client';
import { waive } from '../../workflows/messages';
import { createBench, request, shopFolder, type Bench } from '../support/deploying';
import { answers, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { startParallelClients } from '../support/clients';
import { removeScratch } from '../support/scratch';
import { watchServing } from '../support/serving';

jest.setTimeout(480_000);

let bench: Bench;
let base: Spec;
beforeAll(async () => {
  bench = await createBench();
  base = await shopNamed('canary');
  await deployed(bench, base, '1.0.0');
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const CANARY: CanarySpec = { kind: 'canary', steps: [10, 50, 100], eachMs: 4_000, onInsufficient: 'hold' };

/** The shop, which serves already, with a canary in production. */
const shop = (strategy: Partial<CanarySpec> = {}, change: Partial<EnvironmentSpec> = {}): Spec =>
  inProduction(base, { strategy: { ...CANARY, ...strategy }, ...change });

const inProduction = (spec: Spec, change: Partial<EnvironmentSpec>): Spec => ({
  ...spec,
  environments: spec.environments.map((environment) =>
    environment.name === 'production' ? { ...environment, ...change } : environment,
  ),
});

/** The version that serves in production now. */
const serving = async (): Promise<string> => Object.keys(await answers(base, 'production')).join();

const COMMAND = { kind: 'run', command: ['node', '--version'], timeoutMs: 20_000 } as const;

const clientOf = (spec: Spec): CountingClient =>
  startCounting({
    url: `http://127.0.0.1:${spec.environments[1]?.traffic.listen.port ?? 0}`,
    perSecond: 100,
    mix: [{ method: 'GET', path: '/work', share: 1 }],
  });

test('the first release has no smaller shares', async () => {
  const spec = inProduction(await shopNamed('first-canary'), { strategy: CANARY });
  const running = await deployed(bench, spec, '1.0.0');
  const { steps } = await running.status();
  expect(steps.filter(({ step }) => /^(shift|watch)-/.test(step)).map(({ step }) => step)).not.toContain('shift-10');
});

test('a good release gets share after share, each judged beside the old one, and no request fails', async () => {
  const spec = shop();
  const client = clientOf(spec);
  const running = await deployed(bench, spec, '1.1.0');
  await client.stop();
  expect(client.snapshot().failures).toBe(0);
  const { watches } = await running.status();
  const [small, half, all] = watches.filter(({ environment }) => environment === 'production');
  for (const watch of [small, half]) {
    expect(watch).toMatchObject({ verdict: 'healthy', oldRelease: expect.any(Object) as object });
    expect(watch?.oldRelease?.requests).toBeGreaterThan(50);
  }
  const share = (watch: typeof small): number => {
    const [ours, theirs] = [watch?.newRelease.requests ?? 0, watch?.oldRelease?.requests ?? 0];
    return (100 * ours) / (ours + theirs);
  };
  expect(share(small)).toBeGreaterThan(7);
  expect(share(small)).toBeLessThan(13);
  expect(share(half)).toBeGreaterThan(45);
  expect(share(half)).toBeLessThan(55);
  expect(all?.verdict).toBe('healthy');
  expect(await answers(spec, 'production')).toEqual({ '1.1.0': 10 });
});

test('instances come in proportion, and at full load the share of each step is within a point of the one that was set, while 10,000 requests and more are answered in all', async () => {
  const whole = await shopNamed('proportions');
  const four = { platform: { ...(whole.environments[1] as EnvironmentSpec).platform, instances: 4 } };
  const spec = inProduction(
    { ...whole, environments: whole.environments.slice(1) },
    { ...four, strategy: { ...CANARY, eachMs: 5_000 } },
  );
  await deployed(bench, spec, '1.0.0');
  const url = `http://127.0.0.1:${spec.environments[0]?.traffic.listen.port ?? 0}`;
  const clients = startParallelClients({ url, path: '/work', clients: 8 });
  const serving = watchServing(bench.home, 'proportions');
  const running = await deployed(bench, spec, '2.0.0');
  const { requests, failed } = await clients.stop();
  // The four old ones stay as they are; one, two and four new ones come beside them.
  expect(await serving.stop()).toMatchObject({ least: 4, most: 8 });
  expect(failed).toEqual({});
  // Over the whole deployment: how many a step of five seconds answers depends on the machine.
  expect(requests).toBeGreaterThan(10_000);
  const { watches, steps } = await running.status();
  for (const [index, percent] of [10, 50].entries()) {
    const [ours, theirs] = [watches[index]?.newRelease.requests ?? 0, watches[index]?.oldRelease?.requests ?? 0];
    expect(Math.abs((100 * ours) / (ours + theirs) - percent)).toBeLessThan(1);
  }
  const scaled = steps.filter(({ step, state }) => /^(start|scale)/.test(step) && state === 'succeeded');
  expect(scaled.map(({ step, summary }) => `${step}: ${summary[0]}`)).toEqual([
    'start: 1',
    'scale-50: 2',
    'scale-100: 4',
  ]);
});

test('a bad release is seen at its first share, and most users never met it', async () => {
  const spec = shop({ eachMs: 20_000 });
  const before = await serving();
  const client = clientOf(spec);
  const running = await bench.start(request(spec, { version: '1.2.0', directory: shopFolder('bad') }));
  const result = await running.result();
  await client.stop();
  expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
  const status = await running.status();
  expect(status.why?.limit).toMatch(/^old release 0 %; evidence [\d,]+ to 1$/);
  expect(status.watches.at(-1)).toMatchObject({ verdict: 'unhealthy', givenBack: true });
  const { series, decidedAt = Infinity, givenBackAt = 0 } = status.watches.at(-1) ?? {};
  expect(givenBackAt).toBeGreaterThanOrEqual(decidedAt);
  expect(series?.newRelease.errors.some((errors) => errors > 0)).toBe(true);
  expect(series?.oldRelease?.errors.every((errors) => errors === 0)).toBe(true);
  expect(series?.weight.every((weight) => weight === 10)).toBe(true);
  expect(JSON.stringify(series).length).toBeLessThan(10_000);
  expect(undone(status)).toEqual(['production shift', 'production start']);
  expect(await serving()).toBe(before);
  expect(await kept(bench, 'canary', 'production')).not.toContain('1.2.0');
  const { failures, requests } = client.snapshot();
  expect(failures).toBeGreaterThan(0);
  expect(failures / requests).toBeLessThan(0.2);
});

test('where users send nothing, the watch sends the same requests to both releases', async () => {
  const running = await deployed(bench, shop({ eachMs: 2_000 }), '1.3.0');
  const { watches } = await running.status();
  const [small] = watches.filter(({ environment }) => environment === 'production');
  expect(small).toMatchObject({ verdict: 'healthy', real: 0 });
  expect(small?.own).toBeGreaterThanOrEqual(4);
});

describe('without a verdict even after twice the time', () => {
  /** Nothing that a watch could send, and nobody else does. */
  const silent = (onInsufficient: CanarySpec['onInsufficient']): Spec =>
    shop({ eachMs: 600, steps: [10, 100], onInsufficient }, { smoke: [COMMAND] });
  const start = async (spec: Spec, version: string) => bench.start(request(spec, { version, directory: goodFolder() }));

  test('`rollback` goes back', async () => {
    const before = await serving();
    const result = await (await start(silent('rollback'), '1.4.0')).result();
    expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'WatchInconclusive' });
    expect(result.reason).toMatch(/the plan says to go back/);
    expect(await serving()).toBe(before);
  });

  test('`promote` goes on to the next share', async () => {
    const running = await start(silent('promote'), '1.5.0');
    // At 100 % there is no such rule: a person is waited for.
    const { releases, step } = await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    expect(step).toBe('watch');
    expect(releases.filter(({ weight }) => weight === 100).map(({ version }) => version)).toContain('1.5.0');
    await running.handle.signal(waive, { by: 'ana', reason: 'nobody uses it yet' });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  });

  test('`hold` waits for a person, whose waiver lets it go on to the next share', async () => {
    const running = await start(silent('hold'), '1.6.0');
    await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    expect((await running.status()).step).toBe('watch-10');
    await running.handle.signal(waive, { by: 'ana', reason: 'nobody uses it yet' });
    await running.until(({ waitingFor, step }) => waitingFor?.kind === 'person' && step === 'watch');
    await running.handle.signal(waive, { by: 'ana', reason: 'still nobody' });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  });
});

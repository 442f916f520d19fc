import type { CanarySpec, EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { startCounting, type CountingClient } from '../../scripts/counting-client';
import { waive } from '../../workflows/messages';
import { createBench, request, shopFolder, type Bench } from '../support/deploying';
import { answers, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(180_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const CANARY: CanarySpec = { kind: 'canary', steps: [10, 50, 100], eachMs: 5_000, onInsufficient: 'hold' };

const shop = (app: string, strategy: Partial<CanarySpec> = {}, change: Partial<EnvironmentSpec> = {}): Promise<Spec> =>
  shopNamed(app, (environment) =>
    environment.name === 'production'
      ? { ...environment, strategy: { ...CANARY, ...strategy }, ...change }
      : environment,
  );

const clientOf = (spec: Spec): CountingClient =>
  startCounting({
    url: `http://127.0.0.1:${spec.environments[1]?.traffic.listen.port ?? 0}`,
    perSecond: 100,
    mix: [{ method: 'GET', path: '/work', share: 1 }],
  });

test('the first release has no smaller shares', async () => {
  const spec = await shop('first-canary');
  const running = await deployed(bench, spec, '1.0.0');
  const { steps } = await running.status();
  expect(steps.filter(({ step }) => /^(shift|watch)-/.test(step)).map(({ step }) => step)).not.toContain('shift-10');
});

test('a good release gets share after share, each judged beside the old one, and no request fails', async () => {
  const spec = await shop('good-canary');
  await deployed(bench, spec, '1.0.0');
  const client = clientOf(spec);
  const running = await deployed(bench, spec, '1.1.0');
  await client.stop();
  expect(client.snapshot().failures).toBe(0);
  const { watches } = await running.status();
  const [small, half, all] = watches.filter(({ environment }) => environment === 'production');
  for (const watch of [small, half]) {
    expect(watch).toMatchObject({ verdict: 'healthy', own: 0, oldRelease: expect.any(Object) as object });
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

test('a bad release is seen at its first share, and most users never met it', async () => {
  const spec = await shop('bad-canary', { eachMs: 20_000 });
  await deployed(bench, spec, '1.0.0');
  const client = clientOf(spec);
  const running = await bench.start(request(spec, { version: '1.1.0', directory: shopFolder('bad') }));
  const result = await running.result();
  await client.stop();
  expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
  const status = await running.status();
  expect(status.why?.limit).toMatch(/^old release 0 %; evidence [\d,]+ to 1$/);
  expect(status.watches.at(-1)).toMatchObject({ verdict: 'unhealthy', givenBack: true });
  expect(undone(status)).toEqual(['production shift', 'production start']);
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  expect(await kept(bench, 'bad-canary', 'production')).toEqual(['1.0.0']);
  const { failures, requests } = client.snapshot();
  expect(failures).toBeGreaterThan(0);
  expect(failures / requests).toBeLessThan(0.2);
});

test('where users send nothing, the watch sends the same requests to both releases', async () => {
  const spec = await shop('quiet-canary', { eachMs: 2_000 });
  await deployed(bench, spec, '1.0.0');
  const running = await deployed(bench, spec, '1.1.0');
  const { watches } = await running.status();
  const [small] = watches.filter(({ environment }) => environment === 'production');
  expect(small).toMatchObject({ verdict: 'healthy', real: 0 });
  expect(small?.own).toBeGreaterThanOrEqual(4);
});

describe('without a verdict even after twice the time', () => {
  /** Nothing that a watch could send, and nobody else does. */
  const silent = async (app: string, onInsufficient: CanarySpec['onInsufficient']): Promise<Spec> => {
    const ordinary = await shop(app, { eachMs: 600, steps: [10, 100], onInsufficient });
    const [staging, production] = ordinary.environments;
    if (staging === undefined || production === undefined) throw new Error('no environments');
    await deployed(bench, ordinary, '1.0.0');
    const command = { kind: 'run', command: ['node', '--version'], timeoutMs: 20_000 } as const;
    return { ...ordinary, environments: [staging, { ...production, smoke: [command] }] };
  };
  const start = async (spec: Spec) => bench.start(request(spec, { version: '1.1.0', directory: goodFolder() }));

  test('`rollback` goes back', async () => {
    const spec = await silent('insufficient-back', 'rollback');
    const result = await (await start(spec)).result();
    expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'WatchInconclusive' });
    expect(result.reason).toMatch(/the plan says to go back/);
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });

  test('`promote` goes on to the next share', async () => {
    const spec = await silent('insufficient-on', 'promote');
    const running = await start(spec);
    // At 100 % there is no such rule: a person is waited for.
    const { releases, step } = await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    expect(step).toBe('watch');
    expect(releases.filter(({ weight }) => weight === 100).map(({ version }) => version)).toContain('1.1.0');
    await running.handle.signal(waive, { by: 'ana', reason: 'nobody uses it yet' });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  });

  test('`hold` waits for a person, whose waiver lets it go on to the next share', async () => {
    const spec = await silent('insufficient-hold', 'hold');
    const running = await start(spec);
    await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    expect((await running.status()).step).toBe('watch-10');
    await running.handle.signal(waive, { by: 'ana', reason: 'nobody uses it yet' });
    await running.until(({ waitingFor, step }) => waitingFor?.kind === 'person' && step === 'watch');
    await running.handle.signal(waive, { by: 'ana', reason: 'still nobody' });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  });
});

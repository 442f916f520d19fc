import { createBench, request, shopFolder, shopSpec, type Bench } from '../support/deploying';
import { removeScratch } from '../support/scratch';

jest.setTimeout(480_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const answerOf = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe('a deployment that goes well', () => {
  test('takes the first release through staging to production, and the second one in its place', async () => {
    const spec = await shopSpec();
    const port = spec.environments[1]?.traffic.listen.port ?? 0;
    const first = await bench.start(request(spec));
    expect((await first.until(({ phase }) => phase !== 'validate')).eta).toBeNull();
    expect(await first.result()).toMatchObject({ outcome: 'succeeded', version: '1.0.0', failure: null });
    expect(await answerOf(port)).toBe('version 1.0.0');

    expect((await first.status()).wayBack).toMatchObject({
      open: false,
      reason: expect.stringMatching(/nothing to go back to: if this first release fails, it is stopped/),
    });
    const took = (await first.status()).phases.find(({ phase }) => phase === 'staging');

    const second = await bench.start(request(spec, { version: '1.1.0', directory: shopFolder() }));
    const { eta } = await second.until(({ phase }) => phase === 'staging');
    expect(eta).toMatchObject({ phase: 'staging', from: 1 });
    expect(eta?.medianSeconds).toBe(took?.seconds);
    expect(await second.result()).toMatchObject({ outcome: 'succeeded', version: '1.1.0' });
    expect(await answerOf(port)).toBe('version 1.1.0');

    const status = await second.status();
    expect(status.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'validate succeeded',
      'build succeeded',
      'staging succeeded',
      'production succeeded',
      'watch succeeded',
    ]);
    expect(status.plan?.environments[1]?.target?.version).toBe('1.0.0');
    expect(status.failures).toEqual([]);
    expect(status.eta).toBeNull();
    expect(status.wayBack).toMatchObject({ open: true, reason: expect.stringMatching(/^to 1\.0\.0 .* stays warm$/) });
    const history = await second.handle.fetchHistory();
    expect(history.events?.length).toBeLessThan(300);
  });

  test('refuses a second deployment of the same application while it runs', async () => {
    const spec = await shopSpec();
    const first = await bench.start(request(spec, { version: '1.2.0' }));
    await expect(bench.start(request(spec, { version: '1.3.0' }))).rejects.toThrow(/already/i);
    expect((await first.result()).outcome).toBe('succeeded');
  });
});

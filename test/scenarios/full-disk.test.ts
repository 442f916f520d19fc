/** The router's disk takes nothing: a deployment ends at once, an undo waits until there is room. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createBench, request, type Bench } from '../support/deploying';
import { fillDisk } from '../support/full-disk';
import { answers, audited, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(360_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterEach(() => {
  bench.onActivity = null;
  bench.faults = [];
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

/** Acts before each call of `setWeights` in production, with its number. */
const beforeWeights = (act: (call: number) => void): void => {
  let calls = 0;
  bench.onActivity = (name, environment) => {
    if (name === 'setWeights' && environment === 'production') act(++calls);
  };
};

test('between smoke and shift it ends the deployment at once, with the reason, and nothing is left of it', async () => {
  const spec = await shopNamed('full');
  await deployed(bench, spec, '1.0.0');
  let empty = (): void => undefined;
  beforeWeights((call) => {
    if (call === 1) empty = fillDisk(bench.home, 'full', 'production');
  });
  const begun = Date.now();
  const running = await bench.start(request(spec, { version: '1.1.0', directory: goodFolder() }));
  const result = await running.result();
  empty();
  expect(result).toMatchObject({
    outcome: 'rolled-back',
    failure: 'DiskFull',
    reason: expect.stringMatching(
      /the router keeps the traffic as it is: .*table\.json cannot be saved \(.*\): make room/,
    ) as string,
  });
  expect(Date.now() - begun).toBeLessThan(60_000);
  expect(undone(await running.status())).toEqual(['production shift', 'production start']);
  expect(await kept(bench, 'full', 'production')).toEqual(['1.0.0']);
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
});

test('an undo is repeated until there is room again', async () => {
  const spec = await shopNamed('full-undo');
  // The first release: nothing to go back to, so that the router cannot give back by itself, and save later.
  bench.faults = [{ activity: 'watchRelease', environment: 'production', when: 'before', app: 'full-undo' }];
  let calls = 0;
  beforeWeights((call) => {
    calls = call;
    if (call !== 2) return;
    const empty = fillDisk(bench.home, 'full-undo', 'production');
    void sleep(2_000).then(empty);
  });
  const running = await bench.start(request(spec, { version: '1.0.0', directory: goodFolder() }));
  expect(await running.result()).toMatchObject({ outcome: 'rolled-back' });
  expect(calls).toBeGreaterThan(2);
  expect((await running.status()).failures).toEqual([]);
  expect(await kept(bench, 'full-undo', 'production')).toEqual([]);
  expect((await audited(bench, 'full-undo')).map(({ summary }) => summary)).toContain('nobody serves');
});

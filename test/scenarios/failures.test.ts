import type { Bench, Fault } from '../support/deploying';
import { createBench, request } from '../support/deploying';
import { answers, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(600_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const refusal = (gate: string) => ({
  gate,
  verdict: 'refused',
  summary: `${gate} says no`,
  findings: [{ id: gate, verdict: 'refused', message: 'it is not as it should be', remedy: 'mend it' }],
  seconds: 0,
});

type Case = Omit<Fault, 'app' | 'when'> & { readonly when?: 'before' | 'after'; readonly undone: readonly string[] };

/** Before anything changes. */
const VALIDATION: readonly Case[] = [
  { activity: 'snapshotSource', undone: [] },
  { activity: 'snapshotSource', when: 'after', undone: [] },
  { activity: 'readEnvironment', environment: 'production', undone: [] },
  { activity: 'drawPlan', undone: [] },
  { activity: 'checkEnvironment', environment: 'production', undone: [] },
  { activity: 'checkEnvironment', environment: 'staging', answer: refusal('environment'), undone: [] },
  { activity: 'runTests', undone: [] },
  { activity: 'runTests', answer: refusal('tests'), undone: [] },
  { activity: 'buildArtifact', undone: [] },
  { activity: 'buildArtifact', when: 'after', undone: [] },
];

/** The steps of a release: each fails before and after its effect. */
const RELEASE: readonly Omit<Case, 'environment'>[] = [
  { activity: 'startRelease', undone: ['start'] },
  { activity: 'startRelease', when: 'after', undone: ['start'] },
  { activity: 'smokeRelease', answer: refusal('smoke'), undone: ['start'] },
  { activity: 'integrateRelease', when: 'after', undone: ['start'] },
  { activity: 'integrateRelease', answer: refusal('integration'), undone: ['start'] },
  { activity: 'setWeights', times: 1, undone: ['shift', 'start'] },
  { activity: 'setWeights', when: 'after', times: 1, undone: ['shift', 'start'] },
  { activity: 'watchRelease', undone: ['shift', 'start'] },
  { activity: 'watchRelease', when: 'after', undone: ['shift', 'start'] },
  { activity: 'proveRelease', undone: ['shift', 'start'] },
  { activity: 'proveRelease', when: 'after', undone: ['shift', 'start'] },
];

const named = ({ activity, when = 'before', answer }: Omit<Case, 'environment'>): string =>
  answer === undefined ? `${activity} fails ${when} its effect` : `${activity} refuses`;

/** One application for all cases of a place: what a failure leaves would be seen by the next. */
function failing(place: string, cases: readonly Case[], expected: 'rejected' | 'rolled-back'): void {
  describe(`a failure in ${place}`, () => {
    const app = `shop-${place}`;
    const spec = shopNamed(app, (environment) => ({ ...environment, integration: [['node', '-e', '0']] }));
    beforeAll(async () => {
      await deployed(bench, await spec, '1.0.0');
    });
    test.each(cases.map((each, n) => [named(each), each, n] as const))('%s: %#', async (_name, each, n) => {
      const { undone: undos, ...fault } = each;
      bench.faults = [{ when: 'before', ...fault, app }];
      const running = await bench.start(request(await spec, { version: `2.0.${n}`, directory: goodFolder() }));
      const result = await running.result();
      bench.faults = [];
      const status = await running.status();
      expect({ outcome: result.outcome, undone: undone(status), failures: status.failures }).toEqual({
        outcome: expected,
        undone: undos.map((step) => `${place} ${step}`),
        failures: [],
      });
      expect(await answers(await spec, 'production')).toEqual({ '1.0.0': 10 });
      expect(await kept(bench, app, 'production')).toEqual(['1.0.0']);
      // Production fails after staging has arrived: that stays, and its old release is kept warm.
      const now = place === 'production' ? `2.0.${n}` : '1.0.0';
      expect(await answers(await spec, 'staging')).toEqual({ [now]: 10 });
      if (place !== 'production') expect(await kept(bench, app, 'staging')).toEqual(['1.0.0']);
    });
  });
}

const inEnvironment = (environment: string): Case[] => RELEASE.map((each) => ({ ...each, environment }));

failing('validation', VALIDATION, 'rejected');
failing('staging', inEnvironment('staging'), 'rejected');
failing('production', inEnvironment('production'), 'rolled-back');

test('an undo that fails keeps none from running, is named, and ends as `rollback-failed`', async () => {
  const app = 'shop-stuck';
  const spec = await shopNamed(app);
  await deployed(bench, spec, '1.0.0');
  bench.faults = [
    { activity: 'watchRelease', environment: 'production', when: 'before', app },
    { activity: 'drainRelease', environment: 'production', when: 'before', app },
  ];
  const running = await bench.start(request(spec, { version: '2.0.0', directory: goodFolder() }));
  const { outcome } = await running.result();
  bench.faults = [];
  expect(outcome).toBe('rollback-failed');
  const { failures, steps, wayBack } = await running.status();
  expect(failures).toEqual([
    expect.stringMatching(
      /not undone: stop (2\.0\.0-\w+): drainRelease failed on purpose; in production \1 is running and has 0 % of the traffic; finish it with: mvca retire shop-stuck \1 --environment production$/,
    ),
  ]);
  expect(steps.slice(-2).map(({ step, state }) => `${step} ${state}`)).toEqual(['shift undone', 'start failed']);
  expect(wayBack.open).toBe(false);
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  // The next deployment cleans what could not be undone.
  await deployed(bench, spec, '3.0.0');
  expect(await kept(bench, app, 'production')).toEqual(['3.0.0', '1.0.0']);
});

test('a test gate that cannot decide waits for a named person, whose reason lets it go on', async () => {
  const app = 'shop-unsure';
  const spec = await shopNamed(app);
  const unsure = { ...refusal('tests'), verdict: 'inconclusive', findings: [] };
  bench.faults = [{ activity: 'runTests', when: 'before', answer: unsure, app }];
  const running = await bench.start(request(spec, { directory: goodFolder() }));
  const { waitingFor } = await running.until((status) => status.waitingFor !== null);
  expect(waitingFor).toMatchObject({ kind: 'person', then: 'it is rejected' });
  await running.handle.signal('waive', { by: 'bo', reason: 'checked by hand' });
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  bench.faults = [];
  expect((await running.status()).messages).toMatchObject([{ kind: 'waive', from: 'bo', accepted: true }]);
});

/** A freeze of hours, on a server that skips time. */
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { request } from '../support/deploying';
import { removeScratch, scratch } from '../support/scratch';
import { createSkippingBench, type SkippingBench } from '../support/skipping';
import { environmentSpec, spec } from '../support/specs';

jest.setTimeout(360_000);

const HOUR = 3_600_000;

let bench: SkippingBench;
beforeAll(async () => {
  bench = await createSkippingBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const production: EnvironmentSpec = environmentSpec({ secrets: {}, approval: null });
const of = (app: string) => spec({ app, environments: [production] });
const begin = (app: string, version: string) => bench.start(request(of(app), { version, directory: scratch() }));

async function deployed(app: string, version: string): Promise<number> {
  const running = await begin(app, version);
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  const { startedAt, steps } = await running.status();
  return Date.parse(steps.at(-1)?.at ?? startedAt);
}

/** From then on for three hours; answers its end. */
function freeze(app: string, fromMs: number): number {
  const [from, until] = [new Date(fromMs).toISOString(), new Date(fromMs + 3 * HOUR).toISOString()];
  const view = { id: `freeze-${app}`, app, reason: 'the sale', by: 'cy', madeAt: from };
  bench.world.freezes.push({ ...view, time: { kind: 'once', from, until }, windows: [{ from, until }] });
  return fromMs + 3 * HOUR;
}

test('a deployment that is parked for hours goes on when the freeze ends, and is not rejected before', async () => {
  const end = freeze('parked', await deployed('parked', '1.0.0'));
  const running = await begin('parked', '2.0.0');
  const { waitingFor } = await running.until(({ waitingFor: waiting }) => waiting?.kind === 'freeze');
  expect(waitingFor).toMatchObject({ deadline: new Date(end).toISOString(), then: 'it goes on by itself' });
  expect(bench.world.serves('parked', 'production')).toBe('1.0.0');
  await bench.pass(3 * HOUR);
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  const { steps } = await running.status();
  const atOf = (step: string, state: string): number =>
    Date.parse(steps.find((each) => each.step === step && each.state === state)?.at ?? '');
  expect(atOf('freeze', 'succeeded')).toBeGreaterThanOrEqual(end);
  expect(atOf('start', 'started')).toBeGreaterThanOrEqual(end);
  expect(atOf('freeze', 'succeeded') - atOf('freeze', 'started')).toBeGreaterThan(2 * HOUR);
  expect(bench.world.serves('parked', 'production')).toBe('2.0.0');
});

test('a rollback inside a freeze is not stopped', async () => {
  await deployed('inside', '1.0.0');
  const end = freeze('inside', await deployed('inside', '2.0.0'));
  const asked = { app: 'inside', notify: [], to: null, requester: 'ana', reason: 'slow' };
  const back = await bench.rollback({ ...asked, environment: production });
  expect(await back.result()).toMatchObject({ outcome: 'succeeded', version: '1.0.0' });
  const { steps } = await back.status();
  expect(steps.map(({ step }) => step)).not.toContain('freeze');
  expect(Date.parse(steps.at(-1)?.at ?? '')).toBeLessThan(end);
  expect(bench.world.serves('inside', 'production')).toBe('1.0.0');
});

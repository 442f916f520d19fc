/** Freezes: they park what has not begun to change production, and stop nothing else. */
import type { FreezeAnswer, FreezeChange } from '../../domain/freezes/freeze';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { approve, waive } from '../../workflows/messages';
import { createBench, request, type Bench, type Running } from '../support/deploying';
import { answers, approved, audited, deployed, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(600_000);

let bench: Bench;
let spec: Spec;
let production: EnvironmentSpec;
beforeAll(async () => {
  bench = await createBench();
  const shop = await shopNamed('frozen');
  spec = { ...shop, environments: shop.environments.slice(1) };
  [production] = spec.environments as [EnvironmentSpec];
  for (const version of ['1.0.0', '1.1.0']) await deployed(bench, spec, version);
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

let changes = 0;
const change = (asked: FreezeChange): Promise<FreezeAnswer> =>
  bench.client.workflow.execute('freeze', {
    workflowId: `freeze/${asked.app ?? 'all'}/${process.pid}-${++changes}`,
    taskQueue: bench.queue,
    args: [asked],
  });
const freeze = (app: string | null, ms: number): Promise<FreezeAnswer> => {
  const [from, until] = [new Date(), new Date(Date.now() + ms)];
  const time = { kind: 'once', from: from.toISOString(), until: until.toISOString() } as const;
  return change({ kind: 'freeze', app, by: 'cy', reason: 'the sale', time });
};
const unfreeze = (app: string | null): Promise<FreezeAnswer> =>
  change({ kind: 'unfreeze', app, id: null, by: 'cy', reason: null });

const HOUR = 3_600_000;
const start = (version: string, of = spec): Promise<Running> =>
  bench.start(request(of, { version, directory: goodFolder() }));
const parked = (running: Running) => running.until(({ waitingFor }) => waitingFor?.kind === 'freeze');
const serving = async (): Promise<string> => Object.keys(await answers(spec, 'production')).join();

test('one that begins while a deployment waits for a person parks it before production, until it is ended', async () => {
  const running = await start('1.2.0', approved(spec));
  const { waitingFor } = await running.until(({ waitingFor: waiting }) => waiting?.kind === 'approval');
  await freeze('frozen', HOUR);
  await running.handle.signal(approve, { by: 'bo', digest: waitingFor?.digest ?? '' });
  const status = await parked(running);
  expect(status.waitingFor).toMatchObject({
    about: 'a freeze of frozen by cy (the sale)',
    then: 'it goes on by itself',
    answer: expect.stringContaining('mvca waive frozen --finding freeze --reason WHY') as string,
  });
  expect(status.step).toBe('freeze');
  expect(await serving()).toBe('1.1.0');
  await unfreeze('frozen');
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  expect(await serving()).toBe('1.2.0');
});

test('one of all applications parks a deployment before it begins, and lets it go when its time is over', async () => {
  const { changed } = await freeze(null, 6_000);
  const running = await start('1.3.0');
  const { phase, plan } = await parked(running);
  expect({ phase, plan }).toEqual({ phase: 'validate', plan: null });
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  const began = (await running.status()).steps.find(({ step, state }) => step === 'freeze' && state === 'succeeded');
  expect(Date.parse(began?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(changed[0]?.windows[0]?.until ?? ''));
});

test('a rollback inside a freeze is not stopped, and a named person lets one deployment through', async () => {
  await freeze('frozen', HOUR);
  const back = await bench.rollback({
    app: 'frozen',
    environment: production,
    notify: [],
    to: null,
    requester: 'ana',
    reason: null,
  });
  expect(await back.result()).toMatchObject({ outcome: 'succeeded', version: '1.2.0' });
  const urgent = await start('1.4.0', approved(spec));
  await parked(urgent);
  await urgent.handle.signal(waive, { by: 'ana', finding: 'freeze', reason: 'I want to' });
  await urgent.until(({ messages }) => messages.some(({ accepted }) => !accepted));
  await urgent.handle.signal(waive, { by: 'bo', finding: 'freeze', reason: 'orders are lost' });
  const { waitingFor } = await urgent.until(({ waitingFor: waiting }) => waiting?.kind === 'approval');
  await urgent.handle.signal(approve, { by: 'bo', digest: waitingFor?.digest ?? '' });
  expect(await urgent.result()).toMatchObject({ outcome: 'succeeded' });
  const log = (await audited(bench, 'frozen')).map(({ action, actor }) => `${action} ${actor}`);
  for (const entry of [
    'freeze.made cy',
    'freeze.ended cy',
    'freeze.parked mvca',
    'waive.refused ana',
    'waive.accepted bo',
  ])
    expect(log).toContain(entry);
  await unfreeze('frozen');
});

test('whether it is frozen must be known: while it cannot be read, the deployment waits', async () => {
  bench.faults = [
    {
      activity: 'freezeStanding',
      when: 'before',
      times: 1,
      answer: { kind: 'unknown', reason: 'PostgreSQL is away' },
    },
  ];
  const running = await start('1.5.0');
  const result = await running.result();
  bench.faults = [];
  expect(result).toMatchObject({ outcome: 'succeeded' });
  const { steps } = await running.status();
  expect(steps.find(({ step }) => step === 'freeze')?.summary).toMatch(/nobody can say whether .* PostgreSQL is away/);
});

import { execFileSync } from 'node:child_process';
import type { ApprovalSpec, Spec } from '../../domain/spec/spec';
import { type Bench, createBench, request, type Running } from '../support/deploying';
import { answers, approved, audited, deployed, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch } from '../support/scratch';
import { temporalServer } from '../support/stack';

jest.setTimeout(600_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const withApproval = async (app: string, change?: Partial<ApprovalSpec>): Promise<Spec> =>
  approved(await shopNamed(app), change);

const waiting = (running: Running) => running.until(({ waitingFor }) => waitingFor !== null);

/** Each another one: a version that was rolled back is not deployed again without a reason. */
let versions = 0;
const nextVersion = (): string => `2.${versions++}.0`;

async function begin(spec: Awaited<ReturnType<typeof shopNamed>>, version = nextVersion()): Promise<Running> {
  return bench.start(request(spec, { version, directory: goodFolder() }));
}

const PHASES: readonly [activity: string, environment: string | null, outcome: string, undos: readonly string[]][] = [
  ['runTests', null, 'rejected', []],
  ['buildArtifact', null, 'rejected', []],
  ['startRelease', 'staging', 'rejected', ['staging start']],
  ['setWeights', 'staging', 'rejected', ['staging shift', 'staging start']],
  ['startRelease', 'production', 'rolled-back', ['production start']],
  ['setWeights', 'production', 'rolled-back', ['production shift', 'production start']],
  ['watchRelease', 'production', 'rolled-back', ['production shift', 'production start']],
  ['proveRelease', 'production', 'rolled-back', ['production shift', 'production start']],
];

describe.each(['abort', 'cancel'] as const)('%s', (how) => {
  const app = `shop-${how}`;
  const spec = shopNamed(app);
  beforeAll(async () => {
    await deployed(bench, await spec, '1.0.0');
  });
  afterEach(() => {
    bench.onActivity = null;
  });

  test.each(PHASES)('in %s of %s undoes what was done: %s', async (activity, environment, outcome, undos) => {
    const begun = new Promise<void>((resolve) => {
      bench.onActivity = (name, where, of) => {
        if (name === activity && of === app && (environment === null || where === environment)) resolve();
      };
    });
    const running = await begin(await spec);
    await begun;
    if (how === 'cancel') await running.handle.cancel();
    else await running.handle.signal('abort', { by: 'bo', reason: 'changed my mind' });
    const result = await running.result();
    const status = await running.status();
    expect({ outcome: result.outcome, failure: result.failure, undone: undone(status) }).toEqual({
      outcome,
      failure: how === 'cancel' ? 'Cancelled' : 'Aborted',
      undone: undos,
    });
    expect(await answers(await spec, 'production')).toEqual({ '1.0.0': 10 });
    expect(await kept(bench, app, 'production')).toEqual(['1.0.0']);
  });

  test.each([
    ['undo', ['staging shift', 'staging start'], '3.0.0'],
    ['keep', [], '4.0.0'],
  ] as const)(
    'while an approval is waited for is a no, after which the spec says of staging: %s',
    async (onRejected, undos, version) => {
      const before = await answers(await spec, 'staging');
      const running = await begin(approved(await spec, { onRejected }), version);
      await waiting(running);
      if (how === 'cancel') await running.handle.cancel();
      else await running.handle.signal('abort', { by: 'bo', reason: 'changed my mind' });
      const { outcome, failure } = await running.result();
      const status = await running.status();
      expect({ outcome, failure, undone: undone(status), waitingFor: status.waitingFor }).toEqual({
        outcome: 'rejected',
        failure: how === 'cancel' ? 'Cancelled' : 'Aborted',
        undone: undos,
        waitingFor: null,
      });
      expect(await answers(await spec, 'staging')).toEqual(onRejected === 'undo' ? before : { [version]: 10 });
      expect(await answers(await spec, 'production')).toEqual({ '1.0.0': 10 });
      expect(await kept(bench, app, 'production')).toEqual(['1.0.0']);
    },
  );
});

test('the messages that do not count change nothing, are answered with the reason, and are audited', async () => {
  const spec = await withApproval('shop-refused', { needs: 2 });
  const running = await begin(spec);
  const digest = (await waiting(running)).waitingFor?.digest ?? '';
  const send = (message: unknown) => running.handle.signal('approve', message);
  await send({ by: 'ana', digest });
  await send({ by: 'dan', digest });
  await send({ by: 'bo', digest: 'sha256:other' });
  await send('yes');
  await send({ by: 7, digest });
  await running.handle.signal('waive', { by: 'bo', reason: 'why not' });
  await send({ by: 'bo', digest });
  await send({ by: 'bo', digest });
  const { cli, address } = await temporalServer();
  const place = ['--address', address, '--namespace', bench.namespace, '--workflow-id', 'deploy/shop-refused'];
  execFileSync(cli, [
    ...['workflow', 'signal', ...place, '--name', 'approve'],
    ...['--input', JSON.stringify({ by: 'cy', digest })],
  ]);
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  const { messages } = await running.status();
  expect(messages.map(({ from, accepted, reason }) => [from, accepted, reason])).toEqual([
    ['ana', false, expect.stringContaining('somebody else must decide')],
    ['dan', false, expect.stringContaining('not among those who may decide')],
    ['bo', false, expect.stringContaining('not that of the plan')],
    ['', false, 'the message is not one object'],
    ['', false, '`by` is not text'],
    ['bo', false, 'nothing waits for a waiver'],
    ['bo', true, '1 of 2'],
    ['bo', false, 'bo has approved already'],
    ['cy', true, '2 of 2'],
  ]);
  const log = (await audited(bench, 'shop-refused')).map(({ action }) => action);
  expect(log.filter((action) => action === 'approve.refused')).toHaveLength(6);
  expect(log.filter((action) => action === 'approve.accepted')).toHaveLength(2);
});

test.each([
  ['keep', '2.0.0'],
  ['undo', '1.0.0'],
] as const)('after a no, staging is as the spec says: %s', async (onRejected, serves) => {
  const app = `shop-no-${onRejected}`;
  const first = await shopNamed(app);
  await deployed(bench, first, '1.0.0');
  const running = await begin(approved(first, { onRejected }), '2.0.0');
  await waiting(running);
  await running.handle.signal('reject', { by: 'bo', reason: 'not today' });
  expect(await running.result()).toMatchObject({
    outcome: 'rejected',
    failure: 'ApprovalRejected',
    reason: 'rejected by bo: not today',
  });
  expect(await answers(first, 'staging')).toEqual({ [serves]: 10 });
  expect(await answers(first, 'production')).toEqual({ '1.0.0': 10 });
});

test('after the deadline it is rejected, and an approval that comes after the end is not taken', async () => {
  const spec = await withApproval('shop-late', { deadlineMs: 1_000 });
  const running = await begin(spec, '2.0.0');
  const digest = (await waiting(running)).waitingFor?.digest ?? '';
  expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'ApprovalDeadline' });
  await expect(running.handle.signal('approve', { by: 'bo', digest })).rejects.toThrow(/already completed/i);
  expect(await answers(spec, 'staging')).toEqual({ '2.0.0': 10 });
});

test('a deployment that was terminated leaves an application that serves, and the next one cleans up', async () => {
  const app = 'shop-terminated';
  const spec = await shopNamed(app, (each) => ({ ...each, watch: { ...each.watch, forMs: 20_000 } }));
  const quick = await shopNamed(app);
  const soon = {
    ...spec,
    environments: spec.environments.map((each, n) => ({ ...each, watch: quick.environments[n]!.watch })),
  };
  await deployed(bench, soon, '1.0.0');
  const watching = new Promise<void>((resolve) => {
    bench.onActivity = (name, where, of) => {
      if (name === 'watchRelease' && where === 'production' && of === app) resolve();
    };
  });
  const long = { ...spec, environments: [soon.environments[0]!, spec.environments[1]!] };
  const running = await begin(long);
  await watching;
  await running.handle.terminate('on purpose');
  bench.onActivity = null;
  expect(Object.keys(await answers(spec, 'production'))).not.toContain('none');
  await deployed(bench, soon, '3.0.0');
  expect(await answers(spec, 'production')).toEqual({ '3.0.0': 10 });
  expect(await kept(bench, app, 'production')).toEqual(['3.0.0', '1.0.0']);
});

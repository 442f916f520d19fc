/** What people send is answered wherever one would look: in `status`, in the audit log, and in the Web UI. */
import type { Spec } from '../../domain/spec/spec';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';
import { type Bench, createBench, type Fault, request, type Running } from '../support/deploying';
import { approved, audited, deployed, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(480_000);

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

const begin = (spec: Spec): Promise<Running> =>
  bench.start(request(spec, { version: '2.0.0', directory: goodFolder() }));

async function digestOf(running: Running): Promise<string> {
  const { waitingFor } = await running.until(({ waitingFor }) => waitingFor !== null);
  return waitingFor?.digest ?? '';
}

/** The text that the Web UI draws, asked for as the Web UI asks. */
async function shown({ handle }: Running): Promise<string> {
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return currentDetails.replaceAll('\u00a0', '');
}

interface Late {
  readonly signal: 'abort' | 'approve' | 'reject';
  /** It is sent when this activity of production, or of none, begins. */
  readonly during: string;
  readonly fault?: Omit<Fault, 'when'>;
  readonly deadlineMs?: number;
  readonly outcome: string;
  readonly reason: RegExp;
}

const DECIDED = /^too late, no approval is being waited for any more: approved by bo$/;
const LATE: readonly [string, Late][] = [
  [
    'an abort after all is proven',
    { signal: 'abort', during: 'writeReport', outcome: 'succeeded', reason: /^the deployment has ended: succeeded$/ },
  ],
  [
    'an abort of what is being undone',
    {
      signal: 'abort',
      during: 'stopRelease',
      fault: { activity: 'smokeRelease', environment: 'production' },
      outcome: 'rolled-back',
      reason: /^it is being undone already: smokeRelease failed on purpose/,
    },
  ],
  [
    'an approval after the decision',
    { signal: 'approve', during: 'startRelease', outcome: 'succeeded', reason: DECIDED },
  ],
  ['a no after the decision', { signal: 'reject', during: 'startRelease', outcome: 'succeeded', reason: DECIDED }],
  [
    'an approval after the deadline',
    {
      signal: 'approve',
      during: 'writeReport',
      deadlineMs: 1_000,
      outcome: 'rejected',
      reason: /^too late, no approval is being waited for any more: nobody approved before the deadline, 20/,
    },
  ],
];

test.each(LATE)('too late is %s: it is refused, answered and audited, and changes nothing', async (title, late) => {
  const app = title.replaceAll(' ', '-');
  const { signal, during, deadlineMs = 60_000, outcome, reason } = late;
  bench.faults = late.fault === undefined ? [] : [{ ...late.fault, app, when: 'before' }];
  const running = await begin(approved(await shopNamed(app), { deadlineMs }));
  const digest = await digestOf(running);
  bench.onActivity = async (activity, environment, of) => {
    if (activity !== during || of !== app || environment === 'staging') return;
    bench.onActivity = null;
    await running.handle.signal(signal, { by: 'cy', digest, reason: 'no' });
  };
  if (deadlineMs === 60_000) await running.handle.signal('approve', { by: 'bo', digest });
  expect((await running.result()).outcome).toBe(outcome);
  const message = (await running.status()).messages.at(-1);
  expect(message).toMatchObject({ kind: signal, from: 'cy', accepted: false, reason: expect.stringMatching(reason) });
  const entry = (await audited(bench, app)).find(({ action }) => action === `${signal}.refused`);
  expect(entry).toMatchObject({ actor: 'cy', summary: expect.stringContaining(message?.reason ?? '') });
  expect(await shown(running)).toContain(`**${signal} by cy refused**: `);
});

test('of answers that come at once the first that decides stays, and the others are too late', async () => {
  const running = await begin(approved(await shopNamed('at-once')));
  const digest = await digestOf(running);
  const kinds = ['reject', 'approve', 'reject', 'approve'] as const;
  await Promise.all(kinds.map((kind) => running.handle.signal(kind, { by: 'bo', digest, reason: 'no' })));
  const { outcome } = await running.result();
  const [first, ...others] = (await running.status()).messages;
  expect(first).toMatchObject({ accepted: true, kind: outcome === 'succeeded' ? 'approve' : 'reject' });
  const tooLate = { accepted: false, reason: expect.stringMatching(/^too late, .*: (approved|rejected) by bo/) };
  expect(others).toMatchObject([tooLate, tooLate, tooLate]);
});

test('own approval, wrong digest and the second approval are told in status, audit log and Web UI', async () => {
  const app = 'told';
  const running = await begin(approved(await shopNamed(app), { needs: 2 }));
  const digest = await digestOf(running);
  const said = async (by: string, of: string): Promise<string> => {
    const { length } = (await running.status()).messages;
    await running.handle.signal('approve', { by, digest: of });
    await running.until(({ messages }) => messages.length > length);
    return shown(running);
  };
  expect(await shown(running)).toContain('To say no: `mvca reject told --reason WHY`');
  expect(await said('ana', digest)).toContain(
    '- **approve by ana refused**: ana asked for this deployment; somebody else must decide',
  );
  expect(await said('bo', 'sha256:other')).toContain(
    `- **approve by bo refused**: the digest is not that of the plan, which is ${digest}`,
  );
  const once = await said('bo', digest);
  expect(once).toContain('- **approve by bo accepted**: 1 of 2');
  expect(once).toContain('waits for approval by bo or cy (1 of 2 given), until ');
  expect(await said('cy', digest)).toContain('- **approve by cy accepted**: 2 of 2');
  expect((await running.result()).outcome).toBe('succeeded');
  expect(await shown(running)).toContain('- **approve by ana refused**');
  const { messages } = await running.status();
  expect(messages.map(({ from, accepted }) => `${from} ${accepted}`)).toEqual([
    'ana false',
    'bo false',
    'bo true',
    'cy true',
  ]);
  const entries = (await audited(bench, app)).filter(({ action }) => action.startsWith('approve.'));
  expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'ana approve.refused',
    'bo approve.refused',
    'bo approve.accepted',
    'cy approve.accepted',
  ]);
});

test('a deadline that passed is told in status, audit log and Web UI, and operators find the deployment by what it was', async () => {
  const app = 'overdue';
  const running = await begin(approved(await shopNamed(app), { deadlineMs: 1_000 }));
  await running.result();
  const { reason } = await running.status();
  expect(reason).toMatch(/^nobody approved before the deadline, 20/);
  expect(await shown(running)).toMatch(
    /^\*\*overdue 2\.0\.0 was rejected; the last environment was never changed; staging goes on serving 2\.0\.0: nobody approved before the deadline, 20/,
  );
  const entries = (await audited(bench, app)).filter(({ action }) => action === 'outcome');
  expect(entries).toMatchObject([{ actor: 'mvca', summary: `rejected: ${reason}` }]);
  const { typedSearchAttributes } = await running.handle.describe();
  const found = Object.entries(SEARCH_ATTRIBUTES).map(([name, key]) => [name, typedSearchAttributes.get(key)]);
  expect(Object.fromEntries(found)).toEqual({
    app,
    environment: 'production',
    version: '2.0.0',
    phase: 'approval',
    strategy: 'blue-green',
    outcome: 'rejected',
    requester: 'ana',
  });
});

test('what waits to stop an old release says so, and is found by its application', async () => {
  const spec = await shopNamed('kept-warm');
  await deployed(bench, spec, '1.0.0');
  const running = await deployed(bench, spec, '1.1.0');
  const target = (await running.status()).plan?.environments[1]?.target?.release ?? '';
  const details = await bench.client.workflow.getHandle(`retire/kept-warm/production/${target}`).describe();
  expect(await details.staticDetails()).toContain('It is kept warm for 24h, to go back to');
  expect(details.typedSearchAttributes.get(SEARCH_ATTRIBUTES.app)).toBe('kept-warm');
  expect(details.typedSearchAttributes.get(SEARCH_ATTRIBUTES.environment)).toBe('production');
});

import { loadSpec } from '../../client';
import type { EngineConnection } from '../../client/connection';
import { createDeployments, type Deployments, type StartRequest } from '../../client/deployments';
import { AlreadyRunning, EngineUnreachable, NoDeployment, Refused } from '../../client/errors';
import { lastRequest } from '../../client/last-request';
import { standingOf } from '../../client/standing';
import type { StepEvent } from '../../domain/deployment';
import { removeScratch } from '../support/scratch';
import { appFolder, createStand, type Stand } from './stand';

jest.setTimeout(360_000);
let stand: Stand;
let connection: EngineConnection;
let deployments: Deployments;
beforeAll(async () => {
  stand = await createStand();
  connection = await stand.connect();
  deployments = createDeployments(connection);
});
afterAll(async () => {
  await connection.close();
  await stand.stop();
  removeScratch();
});

async function requestFor(app: string, change: Partial<StartRequest> = {}): Promise<StartRequest> {
  const spec = await loadSpec(`${appFolder(app)}/deployment.yaml`);
  if (spec.kind !== 'read') throw new Error(JSON.stringify(spec));
  return { spec: spec.spec, directory: spec.directory, requester: 'ana', version: '1.1.0', ...change };
}

const step = (sequence: number, change: Partial<StepEvent> = {}): StepEvent => ({
  sequence,
  at: '2026-11-23T14:00:00.000Z',
  phase: 'build',
  environment: null,
  step: 'build',
  state: 'started',
  summary: `step ${sequence}`,
  ...change,
});

test('a deployment is started, gives its events, and its result', async () => {
  const deployment = await deployments.start(await requestFor('events'));
  expect(deployment).toMatchObject({ id: 'deploy/events', app: 'events' });
  expect(deployment.webUi).toBe(
    `http://ui.example.com/namespaces/${connection.namespace}/workflows/deploy%2Fevents/${deployment.run}/history`,
  );
  await stand.change('events', { steps: [step(1), step(2, { state: 'succeeded' })] });
  const seen: string[] = [];
  for await (const { summary } of deployment.events()) {
    seen.push(summary);
    if (seen.length === 2) {
      await stand.change('events', { steps: [step(1), step(2, { state: 'succeeded' }), step(3)] });
      await stand.end('events', { outcome: 'rolled-back', reason: 'errors 12 %' });
    }
  }
  expect(seen).toEqual(['step 1', 'step 2', 'step 3']);
  expect(await deployment.result()).toMatchObject({ outcome: 'rolled-back', reason: 'errors 12 %', version: '1.1.0' });
  expect((await deployment.status()).outcome).toBe('rolled-back');
});

test('the Web UI shows from the start what was asked for, by whom, and from where', async () => {
  const wanted = await requestFor('detailed', { dirty: true });
  const deployment = await deployments.start(wanted);
  const details = await stand.client.workflow.getHandle('deploy/detailed').describe();
  expect(await details.staticSummary()).toBe('deploy of detailed, asked for by ana');
  expect((await details.staticDetails())?.split('\n')).toEqual([
    '**Deployment of detailed** to production',
    '',
    '- Version: 1.1.0',
    '- Asked for by: ana',
    `- Source: \`${wanted.directory}\`, with changes that git does not have`,
    '- Way: staging (blue-green), then production (blue-green) after 1 approval',
    '- Plan, digest, and what it waits for: in the current details, or by `mvca watch detailed`',
  ]);
  await stand.end('detailed');
  await deployment.result();
  const environment = wanted.spec.environments[1]!;
  await deployments.rollback({ app: 'detailed', environment, notify: [], to: null, requester: 'bo', reason: '*slow*' });
  const back = await stand.client.workflow.getHandle('deploy/detailed').describe();
  expect((await back.staticDetails())?.split('\n')).toEqual([
    '**Rollback of detailed** in production',
    '',
    '- Back to: the release before',
    '- Asked for by: bo',
    '- Reason: \\*slow\\*',
  ]);
  await stand.end('detailed');
});

test('a second start is refused with version, phase and age of the one that runs', async () => {
  await deployments.start(await requestFor('locked'));
  const second = deployments.start(await requestFor('locked', { version: '1.2.0' }));
  await expect(second).rejects.toThrow(AlreadyRunning);
  await expect(deployments.start(await requestFor('locked'))).rejects.toThrow(
    /^locked 1\.1\.0 is running already: in phase watch, for \d.*, asked for by ana\. .*mvca watch locked/,
  );
  await stand.end('locked');
});

test('an environment that the spec does not have is refused before anything starts', async () => {
  const request = await requestFor('nowhere', { to: 'development' });
  await expect(deployments.start(request)).rejects.toThrow(
    'has no environment development; it has: staging, production',
  );
});

test('messages are answered: accepted, refused with the reason, and refused because the run has ended', async () => {
  const deployment = await deployments.start(await requestFor('asked'));
  const digest = 'sha256:cafe';
  expect(await deployment.approve({ by: 'ana', digest })).toEqual({
    accepted: false,
    reason: 'somebody else must decide',
  });
  expect(await deployment.approve({ by: 'bo', digest: 'sha256:beef' })).toMatchObject({ accepted: false });
  expect(await deployment.approve({ by: 'bo', digest })).toMatchObject({ accepted: true });
  expect(await deployment.waive({ by: 'bo', reason: 'seen' })).toEqual({
    accepted: false,
    reason: 'nothing waits for a waiver',
  });
  expect(await deployment.abort({ by: 'bo', reason: 'enough' })).toMatchObject({ accepted: true });
  expect(await deployment.result()).toMatchObject({ outcome: 'rolled-back' });
  expect(await deployment.reject({ by: 'bo', reason: 'late' })).toEqual({
    accepted: false,
    reason: 'the deployment has ended',
  });
  expect((await deployment.status()).messages.map(({ kind }) => kind)).toEqual([
    'approve',
    'approve',
    'approve',
    'waive',
    'abort',
  ]);
});

test('what an activity says while it works is seen, and a look says how the run stands', async () => {
  const deployment = await deployments.start(await requestFor('works', { version: 'works' }));
  for await (const update of deployment.follow({ everyMs: 50 })) {
    if (update.kind === 'look' && update.look.activities[0]?.progress != null) {
      const [{ name, attempt, progress }] = update.look.activities as [(typeof update.look.activities)[0]];
      expect({ name, attempt }).toEqual({ name: 'work', attempt: 1 });
      expect(progress).toMatchObject({
        kind: 'command',
        doing: 'npm ci',
        lines: [{ n: 1 }, { n: 2, text: 'compiled 31 files' }],
      });
      break;
    }
  }
  await stand.end('works');
  await deployment.result();
  expect(await deployment.look()).toMatchObject({
    state: 'completed',
    activities: [],
    status: { outcome: 'succeeded' },
  });
});

test('the current deployment is the last one, and null where there was none', async () => {
  expect(await deployments.current('never')).toBeNull();
  const first = await deployments.start(await requestFor('again'));
  await stand.end('again');
  await first.result();
  const second = await deployments.rollback({
    app: 'again',
    environment: (await requestFor('again')).spec.environments[1]!,
    notify: [],
    to: '1.0.0',
    requester: 'bo',
    reason: null,
  });
  expect((await deployments.current('again'))?.run).toBe(second.run);
  expect(await second.status()).toMatchObject({ kind: 'rollback', version: '1.0.0', requester: 'bo' });
  await stand.end('again');
  await second.result();
});

test('what the last deployment was asked with is found behind a rollback', async () => {
  const request = await requestFor('found');
  await (await deployments.start(request)).abort({ by: 'ana', reason: 'x' });
  let found = await lastRequest(connection, 'found');
  // The list of runs follows a moment later.
  for (const deadline = Date.now() + 20_000; found === null && Date.now() < deadline;)
    found = await lastRequest(connection, 'found');
  expect(found).toMatchObject({ directory: request.directory, spec: request.spec });
  expect(await lastRequest(connection, 'never')).toBeNull();
});

test('a plan is made without a deployment; what stands in its way keeps its type', async () => {
  expect(await deployments.plan(await requestFor('planned'))).toMatchObject({
    digest: 'sha256:cafe',
    version: '1.1.0',
  });
  const dirty = deployments.plan(await requestFor('planned', { version: 'dirty' }));
  await expect(dirty).rejects.toMatchObject({ name: 'Refused', failure: 'DirtySource' });
  await expect(dirty).rejects.toThrow('the source has 1 change that git does not have');
  expect(await deployments.current('planned')).toBeNull();
  await expect(deployments.list({ app: 'away' })).rejects.toThrow(Refused);
});

test('nothing is known of an application that was never deployed and does not run', async () => {
  expect(await standingOf(deployments, 'never', null)).toBeNull();
});

test('a run that was terminated from outside is seen as that', async () => {
  const deployment = await deployments.start(await requestFor('killed'));
  await deployment.status();
  await stand.client.workflow.getHandle('deploy/killed').terminate('a test');
  expect(await deployment.look()).toMatchObject({ state: 'terminated', status: { outcome: null } });
  await expect(deployment.result()).rejects.toThrow();
});

test('a run that was terminated before it began has no status, and following it ends at once', async () => {
  await stand.stopWorker();
  const deployment = await deployments.start(await requestFor('stillborn'));
  await stand.client.workflow.getHandle('deploy/stillborn').terminate('a test');
  await stand.startWorker();
  await expect(deployment.status()).rejects.toThrow('deploy/stillborn was ended in Temporal before it began');
  await expect(deployment.follow()[Symbol.asyncIterator]().next()).rejects.toThrow(NoDeployment);
});

test('a worker that is away is waited for while following, and told when asked', async () => {
  const deployment = await deployments.start(await requestFor('patient'));
  await deployment.status();
  await stand.stopWorker();
  await expect(deployment.status()).rejects.toThrow(EngineUnreachable);
  const kinds: string[] = [];
  for await (const update of deployment.follow({ everyMs: 50 })) {
    if (kinds.at(-1) === update.kind) continue;
    kinds.push(update.kind);
    if (update.kind === 'away') await stand.startWorker();
    else await stand.end('patient');
  }
  expect(kinds).toEqual(['away', 'look']);
  expect(await deployment.result()).toMatchObject({ outcome: 'succeeded' });
});

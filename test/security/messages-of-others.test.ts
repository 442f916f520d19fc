/** Whoever speaks about one application never changes another: every message, and every workflow that can be started, tried on both. */
import type { DeploymentStatus } from '../../domain/deployment';
import type { Spec } from '../../domain/spec/spec';
import { createBench, request, type Bench, type Running } from '../support/deploying';
import { answers, approved, goodFolder, kept, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(600_000);

let bench: Bench;
let spec: Spec;
let victim: Running;
let other: Running;
beforeAll(async () => {
  bench = await createBench();
  bench.keepsPolicies = true;
  spec = await only('victim');
  await serve(spec, '1.0.0');
  victim = await waits(spec, '1.1.0');
  other = await waits(await only('other'), '1.0.0');
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

/** Production alone, with an approval by one of three. */
async function only(app: string): Promise<Spec> {
  const whole = approved(await shopNamed(app));
  return { ...whole, environments: whole.environments.slice(1) };
}

async function waits(of: Spec, version: string): Promise<Running> {
  const running = await bench.start(request(of, { version, directory: goodFolder() }));
  await running.until(({ waitingFor }) => waitingFor?.kind === 'approval');
  return running;
}

async function serve(of: Spec, version: string): Promise<void> {
  const running = await waits(of, version);
  const { waitingFor } = await running.status();
  await running.handle.signal('approve', { by: 'bo', digest: waitingFor?.digest });
  expect((await running.result()).outcome).toBe('succeeded');
}

/** All that can be told of it but how old it is. */
async function standing(): Promise<unknown> {
  const { eta: _eta, ...status }: DeploymentStatus = await victim.status();
  return { status, serves: await answers(spec, 'production', 3), kept: await kept(bench, 'victim', 'production') };
}

test.each(['approve', 'reject', 'abort', 'waive', 'pause', 'resume', 'promote', 'supersede'])(
  '%s with the digest, the name and the workflow of another application changes nothing of that one',
  async (name) => {
    const before = await standing();
    const { waitingFor } = await victim.status();
    const { messages } = await other.status();
    const letter = { app: 'victim', application: 'victim', deployment: 'deploy/victim', run: 'r' };
    // To the right envelope with the wrong letter; what only stops would stop `other`, whose it is to stop.
    const isYes = !['reject', 'abort', 'supersede', 'pause'].includes(name);
    if (isYes) {
      await other.handle.signal(name, { ...letter, by: 'bo', digest: waitingFor?.digest, reason: 'x' });
      const after = await other.until(({ messages: all }) => all.length > messages.length);
      expect(after.messages.at(-1)).toMatchObject({ kind: name, accepted: false });
      expect(after.waitingFor).toMatchObject({ kind: 'approval', given: 0 });
    } else {
      await other.handle.signal(name, { ...letter, by: '', digest: waitingFor?.digest, reason: 'x' });
      const after = await other.until(({ messages: all }) => all.length > messages.length);
      expect(after.messages.at(-1)).toMatchObject({ kind: name, accepted: false });
    }
    expect(await standing()).toEqual(before);
  },
);

const started = async (type: string, workflowId: string, args: unknown[]): Promise<unknown> =>
  bench.client.workflow.execute(type, { workflowId, args, taskQueue: bench.queue }).catch((error: unknown) => {
    const { cause } = error as { readonly cause?: { readonly message?: string } };
    return { failed: cause?.message ?? String(error) };
  });

const [environment] = [() => spec.environments[0]];
const LETTERS: readonly (readonly [string, string, () => unknown[]])[] = [
  ['deploy', 'deploy/thief', () => [request(spec, { version: '9.9.9', directory: goodFolder() })]],
  [
    'rollback',
    'deploy/thief',
    () => [{ app: 'victim', environment: environment(), notify: [], to: null, requester: 'mallory', reason: null }],
  ],
  [
    'policy',
    'policy/thief',
    () => [{ app: 'victim', by: 'mallory', change: { kind: 'approval', environment: 'production', to: { needs: 2 } } }],
  ],
  [
    'retire',
    'retire/thief/production/x',
    () => [
      {
        app: 'victim',
        environment: { ...environment(), retire: { afterMs: 0 } },
        release: 'x',
        serving: 'stop',
        by: 'mallory',
      },
    ],
  ],
];

test.each(LETTERS)(
  'a %s of the victim under the workflow of another application (%s) is refused, and nothing changes',
  async (type, workflowId, args) => {
    const before = await standing();
    const answer = JSON.stringify(await started(type, workflowId, args()));
    expect(answer).toMatch(
      /this is the workflow of `?.*thief|the workflow is [a-z/]+thief.*, and what is asked of victim has its place at/,
    );
    expect(await standing()).toEqual(before);
  },
);

test('a freeze, its end and the end of the other leave it as it is, and its own yes counts still', async () => {
  const before = await standing();
  const until = new Date(Date.now() + 60_000).toISOString();
  const time = { kind: 'once', from: new Date().toISOString(), until };
  await started('freeze', 'freeze/other/1', [{ kind: 'freeze', app: 'other', by: 'cy', reason: 'x', time }]);
  await started('freeze', 'freeze/other/2', [{ kind: 'unfreeze', app: 'other', id: null, by: 'cy', reason: null }]);
  await other.handle.signal('abort', { by: 'ana', reason: 'seen enough' });
  expect((await other.result()).outcome).toBe('rejected');
  expect(await standing()).toEqual(before);
  const { waitingFor } = await victim.status();
  await victim.handle.signal('approve', { by: 'bo', digest: waitingFor?.digest });
  expect((await victim.result()).outcome).toBe('succeeded');
  expect(await answers(spec, 'production', 3)).toEqual({ '1.1.0': 3 });
});

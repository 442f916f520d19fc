/** What was approved is what is released: the versions of secrets and the bytes are in the digest, and are looked at again at use. */
import { createHash, randomBytes } from 'node:crypto';
import net, { type AddressInfo } from 'node:net';
import { pinPlan, withVersions } from '../../domain/plan/agreed';
import { makePlan, type PlanFacts } from '../../domain/plan/make-plan';
import { sha256 } from '../../domain/sha256';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { setSecret } from '../../system/secret-store';
import { type Bench, createBench, request, type Running } from '../support/deploying';
import { approved, goodFolder, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch } from '../support/scratch';
import { spec } from '../support/specs';

jest.setTimeout(480_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterEach(() => {
  bench.onActivity = null;
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const set = (app: string, environment: string, value: string) =>
  setSecret(bench.home, { app, environment, name: 'KEY' }, value);

/** With a secret in each environment, and an approval before production. */
async function withSecret(app: string, change: Partial<EnvironmentSpec> = {}): Promise<Spec> {
  for (const environment of ['staging', 'production']) await set(app, environment, `the first of ${environment}`);
  const spec = await shopNamed(app, (environment) => ({
    ...environment,
    secrets: { KEY: `secret://file/${app}/${environment.name}/KEY` },
    ...(environment.name === 'production' && change),
  }));
  return approved(spec);
}

const begin = (spec: Spec): Promise<Running> =>
  bench.start(request(spec, { version: '1.0.0', directory: goodFolder() }));

const digestOf = async (running: Running, not = ''): Promise<string> => {
  const { waitingFor } = await running.until(({ waitingFor: now }) => now?.digest != null && now.digest !== not);
  return waitingFor?.digest ?? '';
};

const say = (running: Running, digest: string) => running.handle.signal('approve', { by: 'bo', digest });

test('a secret that was changed after the yes asks again, under another digest, before production is touched', async () => {
  const running = await begin(await withSecret('asked-again'));
  const first = await digestOf(running);
  await set('asked-again', 'production', 'the second');
  await say(running, first);
  const second = await digestOf(running, first);
  const status = await running.status();
  expect(status.warnings.join()).toMatch(/production: changed since it was approved: KEY \(1-\w+, now 2-\w+\)/);
  expect(status.plan).toMatchObject({ digest: second, artifact: status.artifact?.digest });
  expect(await kept(bench, 'asked-again', 'production')).toEqual([]);
  await say(running, first);
  await running.until(({ messages }) => messages.at(-1)?.accepted === false);
  await say(running, second);
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  expect((await running.status()).messages.map(({ accepted }) => accepted)).toEqual([true, false, true]);
});

test('a secret that is changed at the last moment stops the release with words, and production is as it was', async () => {
  const running = await begin(await withSecret('last-moment'));
  bench.onActivity = async (name, environment, app) => {
    if (name === 'startRelease' && environment === 'production') await set(app, 'production', 'the second');
  };
  await say(running, await digestOf(running));
  const { failure, reason } = await running.result();
  expect(failure).toBe('SecretChanged');
  expect(reason).toMatch(/KEY of last-moment in production has version 2-\w+ now, and 1-\w+ was approved/);
  expect(await kept(bench, 'last-moment', 'production')).toEqual([]);
  expect(undone(await running.status())).toEqual(['production start']);
});

test('what staging got instead of what the plan said is in the digest that production is approved by', async () => {
  const running = await begin(await withSecret('staging-too'));
  bench.onActivity = async (name, environment, app) => {
    if (name === 'startRelease' && environment === 'staging') await set(app, 'staging', 'the second');
  };
  await digestOf(running);
  const { warnings, plan } = await running.status();
  expect(warnings.join()).toMatch(/staging: changed since the plan was made: KEY \(1-\w+, now 2-\w+\)/);
  expect(plan?.environments[0]?.secrets['KEY']?.version).toMatch(/^2-/);
  await running.handle.signal('reject', { by: 'bo', reason: 'seen enough' });
  await running.result();
});

test("production's password reaches no server that the spec names before somebody said yes to it", async () => {
  let heard = 0;
  const server = net.createServer((socket) => {
    heard += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as AddressInfo).port);
  const main = { kind: 'parts', host: '127.0.0.1', port, user: 'u', password: '$KEY', database: 'd' } as const;
  const running = await begin(await withSecret('early', { databases: { main } }));
  const digest = await digestOf(running);
  const { gates } = await running.status();
  expect(gates.map(({ summary }) => summary).join()).toContain('checked after the approval: main');
  expect(heard).toBe(0);
  await say(running, digest);
  expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'GateRefused' });
  expect(heard).toBe(1);
  server.close();
});

test('other bytes, another version of a secret, and another plan give another digest; the same give the same', () => {
  const none = { releases: [], weights: {}, lease: null, refusals: [], secretVersions: { SESSION_KEY: '1-a' } };
  const facts: PlanFacts[] = (['staging', 'production'] as const).map((environment) => ({ ...none, environment }));
  const snapshot = { version: '1.0.0', inputs: 'sha256:in' };
  const plan = makePlan({ spec: spec(), to: 'production', snapshot, facts, history: {}, sha256 });
  const pinned = pinPlan(plan, 'sha256:1');
  const others = [
    pinPlan(plan, 'sha256:2'),
    withVersions(pinned, 'production', { SESSION_KEY: '2-b' }),
    pinPlan({ ...plan, digest: 'sha256:other' }, 'sha256:1'),
  ];
  expect(new Set([plan, pinned, ...others].map(({ digest }) => digest)).size).toBe(5);
  expect(withVersions(others[1] ?? plan, 'production', { SESSION_KEY: '1-a' }).digest).toBe(pinned.digest);
  expect(pinPlan(pinned, 'sha256:1')).toEqual(pinned);
});

test('the digest that workflows work out is SHA-256', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000, 20_000]) {
    const text = randomBytes(length).toString('latin1');
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  }
});

/** A deployment that comes while another one runs: it waits in line, takes its place, or is told. */
import { createDeployments, type Deployments, type StartRequest } from '../../client/deployments';
import { AlreadyRunning, LeftLine } from '../../client/errors';
import type { Deployment } from '../../client/deployment';
import type { LinePlace } from '../../client/line';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { createBench, follow, type Bench } from '../support/deploying';
import { answers, approved, audited, goodFolder, kept, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(600_000);

let bench: Bench;
let deployments: Deployments;
let both: Spec;
let production: Spec;
beforeAll(async () => {
  bench = await createBench();
  both = await shopNamed('line', (environment) => ({
    ...environment,
    watch: { ...environment.watch, forMs: 3_000 },
  }));
  production = { ...both, environments: both.environments.slice(1) };
  const { client, namespace, queue } = bench;
  deployments = createDeployments({
    kind: 'cluster',
    address: '',
    namespace,
    taskQueue: queue,
    client,
    webUi: () => null,
    within: (_ms, call) => call(client),
    renew: async () => undefined,
    close: async () => undefined,
  });
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const asked = (version: string, spec = production, requester = 'ana'): StartRequest => ({
  spec,
  version,
  directory: goodFolder(),
  dirty: true,
  requester,
});
const running = ({ id, run }: Deployment) => follow(bench.client.workflow.getHandle(id, run));
const turnOf = async (begun: Deployment | LinePlace): Promise<Deployment> => {
  const deployment = 'turn' in begun ? await begun.turn() : begun;
  if (deployment === null) throw new Error('nobody broke off');
  return deployment;
};

test('a newer one takes the place of one that is in staging, which is undone there', async () => {
  const first = await deployments.start(asked('1.0.0', both));
  await running(first).until(({ environment, step }) => environment === 'staging' && step === 'watch');
  const second = await turnOf(await deployments.startInLine(asked('1.1.0', both, 'bo'), 'supersede'));
  expect(await first.result()).toMatchObject({
    outcome: 'rejected',
    failure: 'Superseded',
    reason: 'superseded by 1.1.0 of bo',
  });
  expect(await second.result()).toMatchObject({ outcome: 'succeeded', version: '1.1.0' });
  expect(await answers(both, 'staging')).toEqual({ '1.1.0': 10 });
  expect(await kept(bench, 'line', 'staging')).toEqual(['1.1.0']);
});

test('one that changes production makes no room; those in line follow in their order, and one may leave', async () => {
  const first = await deployments.start(asked('1.2.0'));
  await running(first).until(({ phase }) => phase === 'watch');
  await expect(deployments.start(asked('1.2.1'))).rejects.toThrow(/1\.2\.0 is running already.*`--on-conflict queue`/);
  const eager = await deployments.startInLine(asked('1.2.2'), 'supersede');
  await expect(turnOf(eager)).rejects.toThrow(AlreadyRunning);
  await expect(turnOf(eager)).rejects.toThrow(/has begun to change production; undo that first: mvca abort line/);

  const places: (Deployment | LinePlace)[] = [];
  for (const version of ['1.3.0', '1.4.0', '1.5.0']) {
    places.push(await deployments.startInLine(asked(version), 'queue'));
  }
  expect((await deployments.line('line')).map(({ version }) => version)).toEqual(['1.3.0', '1.4.0', '1.5.0']);
  const [, second] = await deployments.line('line');
  await deployments.leaveLine('line', { id: second?.id ?? '', by: 'bo', reason: 'not today' });
  const third = await turnOf(places[0] as LinePlace);
  expect(await first.result()).toMatchObject({ outcome: 'succeeded' });
  await expect(turnOf(places[1] as LinePlace)).rejects.toThrow(LeftLine);
  const last = await turnOf(places[2] as LinePlace);
  expect(await third.result()).toMatchObject({ outcome: 'succeeded', version: '1.3.0' });
  expect(await last.result()).toMatchObject({ outcome: 'succeeded', version: '1.5.0' });
  expect(await answers(both, 'production')).toEqual({ '1.5.0': 10 });
  const entries = (await audited(bench, 'line')).filter(({ action }) => action.startsWith('line.'));
  const told = entries.map(({ action, actor, summary }) => `${action} ${actor}: ${summary}`);
  for (const entry of [
    'line.joined ana: 1.2.2 of ana joined the line behind the running deployment, which is asked to make room',
    expect.stringMatching(/^line\.left mvca: 1\.2\.2 of ana left the line: .*has begun to change production/),
    'line.joined ana: 1.3.0 of ana joined the line behind the running deployment',
    'line.joined ana: 1.4.0 of ana joined the line behind 1.3.0 of ana',
    'line.left bo: 1.4.0 of ana left the line: taken out of the line by bo: not today',
    'line.started mvca: 1.5.0 of ana left the line: its turn came',
  ])
    expect(told).toContainEqual(entry);
  expect(await deployments.inspect({ kind: 'verify-audit' })).toMatchObject({ ok: true });
});

test('one that waits for a person blocks nobody, a rollback least of all', async () => {
  const waiting = await deployments.start(asked('1.6.0', approved(production)));
  await running(waiting).until(({ waitingFor }) => waitingFor !== null);
  await expect(deployments.start(asked('1.7.0'))).rejects.toThrow(
    /changed nothing in production: `--on-conflict supersede` takes its place/,
  );
  const [environment] = production.environments as [EnvironmentSpec];
  const back = await deployments.rollbackInLine(
    { app: 'line', environment, notify: [], to: null, requester: 'bo', reason: null },
    'supersede',
  );
  expect(await (await turnOf(back)).result()).toMatchObject({ outcome: 'succeeded', version: '1.3.0' });
  expect(await waiting.result()).toMatchObject({ outcome: 'rejected', failure: 'Superseded' });
});

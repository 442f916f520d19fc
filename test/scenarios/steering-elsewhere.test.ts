/** Steering where nobody steers every day: a watch that sees too little, a rollback, and a signal by Temporal's own command line. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { pause, promote, resume } from '../../workflows/messages';
import { createBench, request, type Bench, type Running } from '../support/deploying';
import { answers, deployed, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';
import { temporalServer } from '../support/stack';

jest.setTimeout(480_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

/** Nobody asks anything of it in production, so that its watch sees too little; each watch of this time. */
const silent = (app: string, forMs: number): Promise<Spec> =>
  shopNamed(app, (environment) =>
    environment.name === 'production'
      ? {
          ...environment,
          smoke: [{ kind: 'run', command: ['node', '--version'], timeoutMs: 20_000 }],
          watch: { ...environment.watch, forMs, deadlineMs: 60_000 },
        }
      : environment,
  );

const production = (spec: Spec): EnvironmentSpec =>
  spec.environments.find(({ name }) => name === 'production') as EnvironmentSpec;

const watchesOf = ({ watches }: Awaited<ReturnType<Running['status']>>): number =>
  watches.filter(({ environment }) => environment === 'production').length;

const answersTo = async (running: Running): Promise<readonly unknown[]> =>
  (await running.status()).messages.map(({ kind, accepted }) => [kind, accepted]);

describe('a promotion', () => {
  test('ends a watch that is prolonged', async () => {
    const spec = await silent('prolonged', 4_000);
    const running = await bench.start(request(spec, { directory: goodFolder() }));
    await running.until((status) => watchesOf(status) === 1);
    expect(await running.status()).toMatchObject({ waitingFor: null, outcome: null });
    await running.handle.signal(promote, { by: 'bo', reason: 'nobody uses it yet' });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    const { steps, messages } = await running.status();
    expect(messages).toMatchObject([{ kind: 'promote', accepted: true, reason: expect.stringMatching(/^the watch/) }]);
    expect(steps.filter(({ step, state }) => step === 'watch' && state === 'succeeded').at(-1)?.summary).toMatch(
      /^promoted by bo: nobody uses it yet/,
    );
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });

  test('of a watch that is held for a person counts as a waiver', async () => {
    const spec = await silent('held', 400);
    const running = await bench.start(request(spec, { directory: goodFolder() }));
    await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    await running.handle.signal(promote, { by: 'bo', reason: 'nobody uses it yet' });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    const [message] = (await running.status()).messages;
    expect(message).toMatchObject({ accepted: true, reason: expect.stringMatching(/^counts as a waiver: /) });
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });
});

test('a rollback is paused and goes on when it is resumed', async () => {
  // It is watched as long as the deployment before it was.
  const spec = await shopNamed('held-back', (each) => ({ ...each, watch: { ...each.watch, forMs: 2_000 } }));
  for (const version of ['1.0.0', '1.1.0']) await deployed(bench, spec, version);
  const running = await bench.rollback({
    app: 'held-back',
    environment: production(spec),
    notify: [],
    to: null,
    requester: 'ana',
    reason: 'slow',
  });
  await running.until(({ step }) => step === 'watch');
  await running.handle.signal(pause, { by: 'bo', reason: 'look at the logs first' });
  // Beyond its time: only the pause keeps it.
  const held = await running.until((status) => watchesOf(status) > 0);
  expect(held).toMatchObject({ outcome: null, pause: { by: 'bo', answer: 'mvca resume held-back' } });
  await running.handle.signal(resume, { by: 'bo' });
  expect(await running.result()).toMatchObject({ outcome: 'succeeded', version: '1.0.0' });
  expect(await answersTo(running)).toEqual([
    ['pause', true],
    ['resume', true],
  ]);
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
});

test("a pause and its end may be signals of Temporal's own command line", async () => {
  const spec = await shopNamed('by-hand', (environment) => ({
    ...environment,
    watch: { ...environment.watch, forMs: 1_500 },
  }));
  const { cli, address } = await temporalServer();
  const signal = (name: string, input: unknown): Promise<unknown> =>
    promisify(execFile)(cli, [
      ...['workflow', 'signal', '--address', address, '--namespace', bench.namespace],
      ...['--workflow-id', 'deploy/by-hand', '--name', name, '--input', JSON.stringify(input)],
    ]);
  const running = await bench.start(request(spec, { directory: goodFolder() }));
  await running.until(({ step }) => step === 'watch');
  await signal('pause', { by: 'bo', reason: 'look at the logs first' });
  await signal('pause', 'now');
  const { pause: held } = await running.until(({ messages }) => messages.length === 2);
  expect(held).toMatchObject({ by: 'bo', reason: 'look at the logs first' });
  await signal('resume', { by: 'bo' });
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  expect(await answersTo(running)).toEqual([
    ['pause', true],
    ['pause', false],
    ['resume', true],
  ]);
});

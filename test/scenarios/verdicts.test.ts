import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentSpec, SmokeCheck } from '../../domain/spec/spec';
import { approve, waive } from '../../workflows/messages';
import { startCounting } from '../../scripts/counting-client';
import { createBench, request, shopFolder, type Bench } from '../support/deploying';
import { answers, approved, deployed, kept, shopNamed, undone } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const PAGES = 10;
const SLOW_PAGES = 3;

/** Answers three pages of ten after two seconds, and the others at once. */
function slowPageFolder(): string {
  const folder = scratch();
  const server = `require('node:http').createServer((request, response) => {
    response.setHeader('x-app-version', process.env.APP_VERSION);
    const slow = Number(request.url.slice('/page/'.length)) < ${SLOW_PAGES} && request.url.startsWith('/page/');
    setTimeout(() => response.end('version ' + process.env.APP_VERSION), slow ? 2000 : 0);
  }).listen(Number(process.env.PORT), '127.0.0.1');\n`;
  writeFiles(folder, { 'server.js': server, '.mvcaignore': '' });
  return folder;
}

/** Twenty clients, each of which asks for the next page as soon as it has the one before. */
function startClosedLoop(port: number): { stop(): Promise<{ readonly failed: number }> } {
  let isOver = false;
  let failed = 0;
  const ask = async (client: number): Promise<void> => {
    for (let n = client; !isOver; n += 7) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/page/${n % PAGES}`);
        await answer.text();
        if (!answer.ok) failed += 1;
      } catch {
        failed += 1;
      }
      await sleep(20);
    }
  };
  const clients = Array.from({ length: 20 }, (_, client) => ask(client));
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
      return { failed };
    },
  };
}

/** No request of these can be sent by a watch. */
const ONLY_COMMANDS: readonly SmokeCheck[] = [{ kind: 'run', command: ['node', '--version'], timeoutMs: 20_000 }];

const inProduction =
  (change: (environment: EnvironmentSpec) => Partial<EnvironmentSpec>) => (environment: EnvironmentSpec) =>
    environment.name === 'production' ? { ...environment, ...change(environment) } : environment;

describe('a release that is worse', () => {
  test('loses its traffic to the old one, and the reason has value, limit, samples and source', async () => {
    const spec = await shopNamed(
      'worse',
      inProduction(({ watch }) => ({ watch: { ...watch, forMs: 20_000 } })),
    );
    await deployed(bench, spec, '1.0.0');
    const port = spec.environments[1]?.traffic.listen.port ?? 0;
    const client = startCounting({
      url: `http://127.0.0.1:${port}`,
      perSecond: 50,
      mix: [{ method: 'GET', path: '/work', share: 1 }],
    });
    const running = await bench.start(request(spec, { version: '1.1.0', directory: shopFolder('bad') }));
    const result = await running.result();
    await client.stop();
    expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
    const status = await running.status();
    expect(status.why).toMatchObject({ measure: 'errors', source: 'router' });
    expect(status.watches.at(-1)).toMatchObject({ verdict: 'unhealthy', givenBack: true });
    expect(undone(status)).toEqual(['production shift', 'production start']);
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
    expect(await kept(bench, 'worse', 'production')).toEqual(['1.0.0']);
  });

  test('in which everybody soon waits for one slow page is found by the moments in which nothing is answered', async () => {
    const spec = await shopNamed(
      'waited-for',
      inProduction(({ watch }) => ({ watch: { ...watch, forMs: 5_000, responseMs: 1_000, slow: 0.05 } })),
    );
    await deployed(bench, spec, '1.0.0');
    const clients = startClosedLoop(spec.environments[1]?.traffic.listen.port ?? 0);
    const running = await bench.start(request(spec, { version: '1.1.0', directory: slowPageFolder() }));
    const result = await running.result();
    expect(await clients.stop()).toEqual({ failed: 0 });
    expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
    expect((await running.status()).why).toMatchObject({ measure: 'answers slower than 1000 ms', limit: '5 %' });
  });

  test('that exits at once never gets traffic, and its last words are the reason', async () => {
    const spec = await shopNamed('exits');
    const running = await bench.start(request(spec, { directory: shopFolder('exits') }));
    const result = await running.result();
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'StartFailed' });
    expect(result.reason).toMatch(/exit[\s\S]*no configuration/);
    expect(await kept(bench, 'exits', 'staging')).toEqual([]);
  });
});

describe('a watch that sees too little', () => {
  const silent = inProduction(({ watch }) => ({
    smoke: ONLY_COMMANDS,
    watch: { ...watch, forMs: 400, deadlineMs: 60_000 },
  }));

  test('is prolonged once, then waits for a person, whose waiver lets it go on', async () => {
    const spec = await shopNamed('silent', silent);
    const running = await bench.start(request(spec));
    const waiting = await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    expect(waiting.watches.filter(({ environment }) => environment === 'production')).toHaveLength(2);
    expect(waiting.waitingFor?.answer).toMatch(/mvca waive silent/);
    await running.handle.signal(waive, { by: 'bo', reason: 'nobody uses it yet' });
    expect((await running.result()).outcome).toBe('succeeded');
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });

  test('of two open findings each is waived by its id', async () => {
    const spec = await shopNamed('two-findings');
    const finding = { verdict: 'inconclusive' as const, message: 'cannot be known', remedy: null };
    const findings = ['unit', 'coverage'].map((id) => ({ ...finding, id }));
    const answer = { gate: 'tests', verdict: 'inconclusive', summary: '2 open', findings, seconds: 0 };
    bench.faults = [{ activity: 'runTests', app: 'two-findings', when: 'before', answer }];
    const running = await bench.start(request(spec));
    await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    bench.faults = [];
    for (const finding of ['smoke', 'tests/unit', 'coverage'])
      await running.handle.signal(waive, { by: 'bo', reason: 'known', finding });
    expect((await running.result()).outcome).toBe('succeeded');
    const { messages, steps } = await running.status();
    expect(messages.map(({ accepted, reason }) => [accepted, reason])).toEqual([
      [false, '`smoke` is not open; open: tests/unit, tests/coverage'],
      [true, 'tests/unit: still open: tests/coverage'],
      [true, 'coverage: goes on'],
    ]);
    const said = steps.filter(({ step }) => step === 'tests').map(({ summary }) => summary);
    expect(said).toContain('2 open: unit: cannot be known | coverage: cannot be known');
    expect(said.at(-1)).toBe('tests/unit waived by bo: known; coverage waived by bo: known');
  });

  test('of a gate that every environment asks is waived once for all of them', async () => {
    const spec = approved(await shopNamed('asked-once'), { from: ['bo'] });
    const findings = [
      { id: 'service/mail', verdict: 'inconclusive' as const, message: 'no answer in 5 s', remedy: null },
    ];
    const answer = { gate: 'environment', verdict: 'inconclusive', summary: '1 open', findings, seconds: 0 };
    bench.faults = [{ activity: 'checkEnvironment', app: 'asked-once', when: 'before', answer }];
    const running = await bench.start(request(spec));
    const { waitingFor } = await running.until(({ waitingFor }) => waitingFor?.kind === 'person');
    expect(waitingFor).toMatchObject({
      about: 'gate environment of staging is inconclusive: 1 open: no answer in 5 s',
      answer: expect.stringContaining('for production as well,   mvca waive asked-once --everywhere --reason WHY'),
    });
    await running.handle.signal(waive, { by: 'bo', reason: 'mail is optional', finding: '*' });
    const { waitingFor: next } = await running.until(({ waitingFor }) => waitingFor?.kind === 'approval');
    expect(next?.notBy).toBe('ana');
    await running.handle.signal(approve, { by: 'bo', digest: next?.digest ?? '' });
    expect((await running.result()).outcome).toBe('succeeded');
    bench.faults = [];
    const { messages, steps } = await running.status();
    expect(messages.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['waive', 'goes on; in production as well, if it says the same'],
      ['approve', '1 of 1'],
    ]);
    // Before anything is changed, and once more after it was approved.
    const said = steps.filter(({ step, state }) => step === 'check-production' && state === 'succeeded');
    expect(said.map(({ summary }) => summary)).toEqual(
      Array(2).fill('waived by bo in staging, for all environments: mail is optional'),
    );
  });

  test('of a gate ends the deployment at once where nobody is there to answer, with what would be needed', async () => {
    const spec = approved(await shopNamed('nobody-there'));
    const findings = [
      { id: 'unit', verdict: 'inconclusive' as const, message: 'it executed no test', remedy: 'write a test' },
    ];
    const answer = { gate: 'tests', verdict: 'inconclusive', summary: '1 open', findings, seconds: 0 };
    bench.faults = [{ activity: 'runTests', app: 'nobody-there', when: 'before', answer }];
    const running = await bench.start({ ...request(spec), noWait: true });
    expect(await running.result()).toMatchObject({
      outcome: 'rejected',
      failure: 'GateInconclusive',
      reason:
        'gate tests is inconclusive: 1 open: it executed no test; write a test; not waited for, as --no-wait says. It needs either that to ' +
        'be decided, or a waiver by bo or cy, for which a deployment without --no-wait waits (mvca waive nobody-there --reason WHY)',
    });
    bench.faults = [];
    expect((await running.status()).waitingFor).toBeNull();
  });

  test('goes back at once where nobody is there to answer', async () => {
    const running = await bench.start({ ...request(await shopNamed('silent-night', silent)), noWait: true });
    expect(await running.result()).toMatchObject({
      outcome: 'rolled-back',
      failure: 'WatchInconclusive',
      reason: expect.stringMatching(/^the watch of production is inconclusive: .*a waiver by anybody who may/),
    });
  });

  test('is rolled back when nobody waives it before the deadline', async () => {
    const spec = await shopNamed(
      'ignored',
      inProduction(({ watch }) => ({ smoke: ONLY_COMMANDS, watch: { ...watch, forMs: 400, deadlineMs: 1_500 } })),
    );
    const running = await bench.start(request(spec));
    expect(await running.result()).toMatchObject({ outcome: 'rolled-back', failure: 'WatchInconclusive' });
  });

  test('sends its own requests where it can, and says how many were its own', async () => {
    const spec = await shopNamed('quiet');
    const running = await deployed(bench, spec, '1.0.0');
    const watched = (await running.status()).watches.at(-1);
    expect(watched).toMatchObject({ verdict: 'healthy', real: 0 });
    expect(watched?.own).toBeGreaterThanOrEqual(4);
  });
});

describe('a rollback', () => {
  const back = (spec: Awaited<ReturnType<typeof shopNamed>>, to: string | null) => ({
    app: spec.app,
    environment: spec.environments[1] as EnvironmentSpec,
    notify: [],
    to,
    requester: 'ana',
    reason: 'a test',
  });

  test('gives the traffic to the release before, and to a named one', async () => {
    const spec = await shopNamed('returning');
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await deployed(bench, spec, version);
    const previous = await bench.rollback(back(spec, null));
    expect(await previous.result()).toMatchObject({ outcome: 'succeeded', version: '1.1.0' });
    expect(await answers(spec, 'production')).toEqual({ '1.1.0': 10 });
    const named = await bench.rollback(back(spec, '1.0.0'));
    expect((await named.result()).outcome).toBe('succeeded');
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });

  test('is refused with the reason when nothing is kept', async () => {
    const spec = await shopNamed('first-only');
    await deployed(bench, spec, '1.0.0');
    const running = await bench.rollback(back(spec, null));
    const result = await running.result();
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'NothingToReturnTo' });
    expect(result.reason).toMatch(/no earlier release is kept/);
  });
});

describe('a singleton', () => {
  const single = (environment: EnvironmentSpec): EnvironmentSpec => ({
    ...environment,
    platform: { ...environment.platform, singleton: true },
  });

  test('is stopped before its successor starts', async () => {
    const spec = await shopNamed('single', single);
    await deployed(bench, spec, '1.0.0');
    const running = await deployed(bench, spec, '1.1.0');
    const steps = (await running.status()).steps.filter(
      ({ environment, state }) => environment === 'production' && state === 'succeeded',
    );
    expect(steps.map(({ step }) => step).slice(0, 2)).toEqual(['stop-old', 'start']);
    expect(await answers(spec, 'production')).toEqual({ '1.1.0': 10 });
  });

  test('runs again as it was when its successor does not start', async () => {
    const spec = await shopNamed('single-fails', (environment) =>
      environment.name === 'production' ? single(environment) : environment,
    );
    await deployed(bench, spec, '1.0.0');
    bench.faults = [{ activity: 'startRelease', environment: 'production', app: 'single-fails', when: 'after' }];
    const running = await bench.start(request(spec, { version: '1.1.0' }));
    expect((await running.result()).outcome).toBe('rolled-back');
    bench.faults = [];
    expect(undone(await running.status())).toEqual(['production start', 'production stop-old']);
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });
});

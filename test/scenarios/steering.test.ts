import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { startCounting } from '../../scripts/counting-client';
import { pause, promote, resume } from '../../workflows/messages';
import { createBench, request, type Bench } from '../support/deploying';
import { answers, deployed, goodFolder, shopNamed, undone } from '../support/scenario';
import { removeScratch, scratch, sharedFolder, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);

let bench: Bench;
let shop: Spec;
beforeAll(async () => {
  bench = await createBench();
  const base = await shopNamed('steered');
  await deployed(bench, base, '1.0.0');
  shop = inProduction(base, {
    strategy: { kind: 'canary', steps: [10, 50, 100], eachMs: 2_000, onInsufficient: 'hold', stickiness: 'none' },
  });
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const inProduction = (spec: Spec, change: Partial<EnvironmentSpec>): Spec => ({
  ...spec,
  environments: spec.environments.map((environment) =>
    environment.name === 'production' ? { ...environment, ...change } : environment,
  ),
});

const customers = () =>
  startCounting({
    url: `http://127.0.0.1:${shop.environments[1]?.traffic.listen.port ?? 0}`,
    perSecond: 60,
    mix: [{ method: 'GET', path: '/work', share: 1 }],
  });

test('a canary that is paused at 10 % and goes bad then goes back at once', async () => {
  const folder = scratch();
  const broken = path.join(sharedFolder(), 'broken');
  writeFiles(folder, { 'server.js': server(broken), '.mvcaignore': '' });
  const client = customers();
  const running = await bench.start(request(shop, { version: '1.1.0', directory: folder }));
  await running.until(({ step }) => step === 'watch-10');
  await running.handle.signal(pause, { by: 'ana', reason: 'look at the logs first' });
  // Beyond its time: only the pause keeps the watch going.
  await running.until(({ watches }) => watches.length > 1);
  expect((await running.status()).pause).toMatchObject({ by: 'ana', answer: 'mvca resume steered' });
  writeFileSync(broken, 'yes');
  expect(await running.result()).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
  await client.stop();
  const status = await running.status();
  expect(status.watches.at(-1)).toMatchObject({ verdict: 'unhealthy', givenBack: true, weight: 10 });
  expect(undone(status)).toContain('production shift');
  expect(status.pause).toBeNull();
  expect(await answers(shop, 'production')).toEqual({ '1.0.0': 10 });
});

test('paused, resumed and promoted at 50 %, it succeeds without a failed request', async () => {
  const long = inProduction(shop, {
    strategy: { kind: 'canary', steps: [10, 50, 100], eachMs: 3_000, onInsufficient: 'hold', stickiness: 'none' },
  });
  const client = customers();
  const running = await bench.start(request(long, { version: '1.2.0', directory: goodFolder() }));
  await running.until(({ step }) => step === 'watch-10');
  await running.handle.signal(pause, { by: 'bo', reason: 'is it really 10 %?' });
  await running.until(({ watches }) => watches.length > 1);
  await running.handle.signal(promote, { by: 'bo' } as never);
  await running.handle.signal(resume, { by: 'bo' });
  await running.until(({ step }) => step === 'watch-50');
  await running.handle.signal(promote, { by: 'bo', reason: 'enough seen' });
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  await client.stop();
  expect(client.snapshot().failures).toBe(0);
  const { steps, messages } = await running.status();
  expect(messages.map(({ kind, accepted }) => [kind, accepted])).toEqual([
    ['pause', true],
    ['promote', false],
    ['resume', true],
    ['promote', true],
  ]);
  const half = steps.find(({ step, state }) => step === 'watch-50' && state === 'succeeded');
  expect(half?.summary).toMatch(/^promoted by bo: enough seen; \d+ answers until then, (healthy|no verdict)/);
  expect(await answers(long, 'production')).toEqual({ '1.2.0': 10 });
});

/** Good until a file is there. */
const server = (broken: string): string => `const http = require('node:http');
const { existsSync } = require('node:fs');
const server = http.createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  if (request.url !== '/healthz' && existsSync(${JSON.stringify(broken)})) response.statusCode = 500;
  response.end(\`version \${process.env.APP_VERSION}\`);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`;

/** A version that was rolled back, and a release that is broken when its fix comes. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startCounting } from '../../scripts/counting-client';
import { abort } from '../../workflows/messages';
import type { Spec } from '../../domain/spec/spec';
import { createBench, request, type Bench, type Running } from '../support/deploying';
import { answers, audited, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch, scratch, sharedFolder, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);

let bench: Bench;
let base: Spec;
beforeAll(async () => {
  bench = await createBench();
  const shop = await shopNamed('again');
  base = { ...shop, environments: shop.environments.slice(1) };
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const start = (version: string, directory: string, reason: string | null = null, spec = base): Promise<Running> =>
  bench.start(request(spec, { version, directory, reason }));

const ended = async (running: Running) => ({ ...(await running.result()), status: await running.status() });

test('a version that was rolled back, by the watch or by a person, needs a written reason', async () => {
  expect(await ended(await start('1.0.0', goodFolder()))).toMatchObject({ outcome: 'succeeded' });
  bench.faults = [{ activity: 'proveRelease', environment: 'production', when: 'before' }];
  const bad = await ended(await start('1.1.0', goodFolder()));
  bench.faults = [];
  expect(bad).toMatchObject({ outcome: 'rolled-back' });

  const refused = await ended(await start('1.1.0', goodFolder()));
  expect(refused).toMatchObject({ outcome: 'rejected', failure: 'PlanRefused' });
  expect(refused.reason).toMatch(/1\.1\.0 was rolled back in production at .*Say why .* mvca deploy --reason WHY/);

  const again = await ended(await start('1.1.0', goodFolder(), 'its route was mended'));
  expect(again).toMatchObject({ outcome: 'succeeded' });
  expect(again.status.plan?.again?.reason).toBe('its route was mended');
  expect(again.status.warnings.join()).toContain('its route was mended');
  expect(await audited(bench, 'again')).toContainEqual(
    expect.objectContaining({ action: 'deploy.reason', actor: 'ana', summary: 'its route was mended' }),
  );

  const [production] = base.environments;
  if (production === undefined) throw new Error('the spec has a production');
  const back = await bench.rollback({
    app: 'again',
    environment: production,
    notify: [],
    to: null,
    requester: 'bo',
    reason: 'orders are lost',
  });
  expect(await back.result()).toMatchObject({ outcome: 'succeeded' });
  const left = await ended(await start('1.1.0', goodFolder()));
  expect(left.reason).toMatch(/1\.1\.0 was rolled back in production by bo at .*/);
});

test('an abort needs a written reason next time only when users had met the release', async () => {
  const shop = await shopNamed('aborted');
  const spec = { ...shop, environments: shop.environments.slice(1) };
  const abortedIn = async (version: string, activity: string) => {
    const running = await start(version, goodFolder(), null, spec);
    bench.onActivity = async (name) => {
      if (name !== activity) return;
      bench.onActivity = null;
      await running.handle.signal(abort, { by: 'ana', reason: 'not today' });
    };
    return ended(running);
  };
  expect(await ended(await start('1.0.0', goodFolder(), null, spec))).toMatchObject({ outcome: 'succeeded' });

  const early = await abortedIn('1.1.0', 'smokeRelease');
  expect(early).toMatchObject({ outcome: 'rolled-back', failure: 'Aborted', status: { failure: 'Aborted' } });
  expect(early.status.steps.map(({ step }) => step)).not.toContain('shift-100');
  expect(await ended(await start('1.1.0', goodFolder(), null, spec))).toMatchObject({ outcome: 'succeeded' });

  const late = await abortedIn('1.2.0', 'watchRelease');
  expect(late).toMatchObject({ outcome: 'rolled-back', failure: 'Aborted' });
  const refused = await ended(await start('1.2.0', goodFolder(), null, spec));
  expect(refused.reason).toMatch(/1\.2\.0 was rolled back in production at .* \(aborted by ana: not today\)/);
});

test('a canary beside a release that fails every request goes through, and the plan says that there is no good way back', async () => {
  const flag = path.join(sharedFolder(), 'broken');
  const folder = scratch();
  writeFiles(folder, {
    '.mvcaignore': '',
    'server.js': `const http = require('node:http'); const fs = require('node:fs');
const server = http.createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  if (fs.existsSync(${JSON.stringify(flag)})) response.statusCode = 503;
  response.end('version ' + process.env.APP_VERSION);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`,
  });
  const shop = await shopNamed('broken');
  const spec: Spec = {
    ...shop,
    environments: shop.environments.map((environment) => ({
      ...environment,
      strategy: { kind: 'canary', steps: [20, 100], eachMs: 3_000, onInsufficient: 'rollback' } as const,
    })),
  };
  expect(await ended(await start('1.0.0', folder, null, spec))).toMatchObject({ outcome: 'succeeded' });
  writeFileSync(flag, '');
  try {
    const port = spec.environments[1]?.traffic.listen.port ?? 0;
    const client = startCounting({
      url: `http://127.0.0.1:${port}`,
      perSecond: 60,
      mix: [{ method: 'GET', path: '/work', share: 1 }],
    });
    const fixed = await ended(await start('1.0.1', goodFolder(), null, spec));
    await client.stop();
    expect(fixed.status.warnings.join()).toMatch(
      /production: no good way back: 1\.0\.0 serves, but 1 of 1 instances are unhealthy \(answered 503/,
    );
    expect(fixed).toMatchObject({ outcome: 'succeeded' });
    const small = fixed.status.watches.find(({ environment }) => environment === 'production');
    expect(small?.verdict).toBe('healthy');
    expect(small?.oldRelease?.errors).toBe(small?.oldRelease?.requests);
    expect(await answers(spec, 'production')).toEqual({ '1.0.1': 10 });
  } finally {
    rmSync(flag);
  }
});

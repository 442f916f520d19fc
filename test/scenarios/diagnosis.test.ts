import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setSecret } from '../../system/secret-store';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import type { InspectQuery } from '../../workflows/messages';
import { createBench, request, type Bench } from '../support/deploying';
import { kept, shopNamed } from '../support/scenario';
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

const PLANTED = 'postgres://shop:Tr0ub4dor-and-3@db.internal:5432/shop';

/** Version 2 verifies what the payment provider sends, after a while, with a secret that nobody set. */
function folderOf(version: 1 | 2): string {
  const folder = scratch();
  const pay = [
    'module.exports = (payload) => {',
    version === 1 ? "  return 'ok';" : '  return process.env.STRIPE_WEBHOOK_SECRET.slice(0, 4) + payload.length;',
    '};',
  ];
  writeFiles(folder, {
    '.mvcaignore': '',
    'pay.js': `${pay.join('\n')}\n`,
    'server.js': `const http = require('node:http');
const pay = require('./pay');
console.log('connecting to', process.env.DATABASE_URL);
let first = 0;
const server = http.createServer((request, response) => {
  if (request.url !== '/pay' || Date.now() - (first ||= Date.now()) < 1500) return response.end('x');
  try {
    response.end(pay('{}'));
  } catch (error) {
    console.error('payment failed for ana@example.com', error);
    response.writeHead(500).end();
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`,
  });
  return folder;
}

/** Twenty clients, each from an address of its own; the first half pays, the other half looks around. */
function clients(port: number): { stop(): Promise<void> } {
  let goesOn = true;
  const work = Array.from({ length: 20 }, async (_, index) => {
    for (let n = 0; goesOn; n += 1) {
      await get(port, index < 10 ? '/pay' : '/', `127.0.1.${index + 1}`);
      await sleep(60);
    }
  });
  return {
    stop: async () => {
      goesOn = false;
      await Promise.all(work);
    },
  };
}

const get = (port: number, path: string, localAddress: string): Promise<void> =>
  new Promise((resolve) => {
    const asked = http.get({ host: '127.0.0.1', port, path, localAddress, agent: false }, (answer) => {
      answer.resume().once('close', resolve);
    });
    asked.once('error', () => resolve());
  });

test('a release that misses a secret and fails after a while is rolled back, the secret named with the command, and its users counted', async () => {
  const base = await shopNamed('shop');
  const spec: Spec = {
    ...base,
    environments: base.environments
      .filter(({ name }) => name === 'production')
      .map((environment) => ({
        ...environment,
        secrets: { DATABASE_URL: 'secret://file/shop/production/DATABASE_URL' },
        watch: { ...environment.watch, forMs: 6_000 },
      })),
  };
  await setSecret(bench.home, { app: 'shop', environment: 'production', name: 'DATABASE_URL' }, PLANTED);
  const first = await bench.start(request(spec, { version: '1.0.0', directory: folderOf(1) }));
  const users = clients(spec.environments[0]?.traffic.listen.port ?? 0);
  expect(await first.result()).toMatchObject({ outcome: 'succeeded' });
  expect((await first.status()).diagnosis).toBeNull();

  const running = await bench.start(request(spec, { version: '2.0.0', directory: folderOf(2) }));
  expect(await running.result()).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
  await users.stop();
  const status = await running.status();
  const [best] = status.diagnosis?.causes ?? [];
  expect(best).toMatchObject({
    cause: 'missing-variable',
    title: expect.stringContaining('STRIPE_WEBHOOK_SECRET') as string,
    remedy: { command: 'mvca secrets set shop production STRIPE_WEBHOOK_SECRET' },
  });
  expect(best?.evidence.map(({ text }) => text).join('\n')).toContain(
    'neither release was given STRIPE_WEBHOOK_SECRET',
  );
  const impact = status.diagnosis?.impact;
  expect(impact?.failed).toBeGreaterThan(0);
  expect(impact?.requests).toBeGreaterThan(impact?.failed ?? 0);
  expect(impact?.routes[0]).toMatchObject({ route: '/pay', failed: impact?.failed });
  // Ten of twenty pay; the estimate is nearly exact for so few.
  expect(impact?.clients).toBeGreaterThanOrEqual(18);
  expect(impact?.clientsAffected).toBeGreaterThan(0);
  expect(impact?.clientsAffected).toBeLessThanOrEqual(11);
  expect(JSON.stringify(status)).not.toContain('Tr0ub4dor');
  expect(JSON.stringify(status.diagnosis)).not.toContain('ana@example.com');
  expect(status.failures).toEqual([]);
  expect(await kept(bench, 'shop', 'production')).toEqual(['1.0.0']);

  // As `mvca diagnose` asks: what the records keep, and a look at what serves now.
  const inspect = (query: InspectQuery): Promise<unknown> =>
    bench.client.workflow.execute('inspect', {
      args: [query],
      taskQueue: bench.queue,
      workflowId: `inspect/${query.kind}`,
    });
  expect(await inspect({ kind: 'diagnosis', of: '2.0.0', preferred: 'shop' })).toMatchObject({
    app: 'shop',
    outcome: 'rolled-back',
    diagnosis: status.diagnosis,
  });
  const [environment] = spec.environments as readonly [EnvironmentSpec];
  const release = status.releases.find(({ version }) => version === '1.0.0')?.release ?? '';
  const asked = { app: 'shop', environment, release, oldRelease: null, mark: null, why: null };
  expect(await inspect({ kind: 'diagnose', request: asked })).toMatchObject({ causes: [], impact: { failed: 0 } });
});

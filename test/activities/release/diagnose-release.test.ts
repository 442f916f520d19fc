import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import tar from 'tar-stream';
import { createCheckOf } from '../../../activities/gates/http-check';
import { createProcessPlatform } from '../../../activities/platforms/process';
import type { ReleaseDeps } from '../../../activities/release/deps';
import { diagnoseRelease } from '../../../activities/release/diagnose-release';
import { drainRelease } from '../../../activities/release/end-release';
import { createRouterTraffic } from '../../../activities/traffic/router';
import type { Diagnosis } from '../../../domain/diagnosis/answer';
import type { EnvironmentSpec } from '../../../domain/spec/spec';
import type { Address } from '../../../domain/words';
import { createConnectTo } from '../../../system/release-connect';
import { definitionOf, makePlace, type Place } from '../../host/place';
import { inActivity } from '../../support/in-activity';
import { freePort } from '../../support/ports';
import { removeScratch, scratch } from '../../support/scratch';
import { environmentSpec } from '../../support/specs';

jest.setTimeout(360_000);

const SECRET = 'a-value-that-nobody-may-see';
const lock = (version: string): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/carts': { version } } });

const app = (body: string): string => `const http = require('node:http');
${body}
http.createServer((request, response) => handle(request, response)).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** None of these says a word of what is wrong, but for `dependency`. */
const APPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  old: {
    'app.js': app("require('carts').total({ items: [] }); const handle = (_, response) => response.end('ok');"),
    'package.json': JSON.stringify({ dependencies: { carts: '*' } }),
    'package-lock.json': lock('1.4.0'),
    'node_modules/carts/index.js': 'exports.total = ({ items }) => items.length;',
  },
  leak: {
    'app.js': app(
      "const kept = []; const handle = (_, response) => { kept.push(Buffer.alloc(3e5, 1)); response.end('ok'); };",
    ),
  },
  busy: {
    'app.js': app(
      "const handle = (request, response) => { if (request.url === '/spin') for (;;); response.end('ok'); };",
    ),
  },
  slow: {
    'app.js': app(
      "const handle = (request, response) => setTimeout(() => response.end('ok'), request.url === '/report' ? 300 : 0);",
    ),
  },
  health: {
    'app.js': app(
      "const handle = (request, response) => { response.statusCode = request.url === '/healthz' ? 404 : 200; response.end('ok'); };",
    ),
  },
  hangs: { 'app.js': app('const handle = () => undefined;') },
  elsewhere: {
    'app.js': "require('node:http').createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');\n",
  },
  dependency: {
    'app.js': app(`const carts = require('carts');
const handle = (_, response) => {
  try {
    carts.total({ items: [] });
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
  }
  response.end('x');
};`),
    'package.json': JSON.stringify({ dependencies: { carts: '*' } }),
    'package-lock.json': lock('2.0.0'),
    'node_modules/carts/index.js': 'exports.sum = ({ items }) => items.length;',
  },
};

let place: Place;
let deps: ReleaseDeps;
let environment: EnvironmentSpec;
const addresses: Record<string, readonly Address[]> = {};

/** All at once: a leak needs some seconds to be one. */
beforeAll(async () => {
  place = await makePlace();
  const ordinary = environmentSpec();
  environment = environmentSpec({
    traffic: { ...ordinary.traffic, listen: { host: '127.0.0.1', port: await freePort() } },
    secrets: {},
  });
  const [platform, traffic] = [createProcessPlatform(place.home), createRouterTraffic(place.home)];
  deps = {
    home: place.home,
    platform,
    traffic,
    checkOf: createCheckOf(createConnectTo(place.home)),
  } as unknown as ReleaseDeps;
  const route = {
    app: 'shop',
    environment: 'production',
    listen: environment.traffic.listen,
    slowMs: 1_000,
    drainMs: 200,
  };
  await traffic.ensure(route);
  for (const [release, files] of Object.entries(APPS)) {
    const { format: _format, createdAt: _createdAt, ...parts } = definitionOf(release);
    const { instances } = await platform.start({
      ...parts,
      environment: 'production',
      version: release,
      variables: release === 'old' ? { RATES_URL: SECRET, LOG_LEVEL: 'info' } : { LOG_LEVEL: 'info' },
      artifactFile: await archive(release, files),
      artifactKind: 'tar',
      secrets: { KEY: release === 'old' ? SECRET : `${SECRET}-2` },
    });
    addresses[release] = instances;
  }
  await sleep(1_500);
  await load(traffic, route);
});
afterAll(async () => {
  for (const release of Object.keys(APPS))
    await deps.platform.stop({ app: 'shop', environment: 'production', release }, { keep: false });
  await place.remove();
  removeScratch();
});

async function archive(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const file = path.join(scratch(), `${name}.tar`);
  const pack = tar.pack();
  for (const [at, content] of Object.entries(files)) pack.entry({ name: at }, content);
  pack.finalize();
  await pipeline(pack as unknown as NodeJS.ReadableStream, createWriteStream(file));
  return file;
}

/** Requests through the router for those whose answers tell, and past it for the leak and the loop. */
async function load(
  traffic: ReleaseDeps['traffic'],
  route: Parameters<ReleaseDeps['traffic']['ensure']>[0],
): Promise<void> {
  const url = (to: Address | undefined, at: string): string => `http://127.0.0.1:${to?.port ?? 0}${at}`;
  const get = (at: string): Promise<unknown> => fetch(at, { signal: AbortSignal.timeout(3_000) }).catch(() => null);
  void get(url(addresses['busy']?.[0], '/spin'));
  const leaking = (async () => {
    for (let n = 0; n < 140; n += 1) {
      await get(url(addresses['leak']?.[0], '/'));
      await sleep(100);
    }
  })();
  for (const release of ['old', 'slow', 'dependency']) {
    await traffic.setWeights(route, {
      releases: { [release]: addresses[release] ?? [] },
      weights: { [release]: 100 },
      lease: null,
    });
    for (let n = 0; n < 8; n += 1) await Promise.all(['/', '/report', '/cart'].map((at) => get(url(route.listen, at))));
  }
  await leaking;
}

const diagnosis = (release: string): Promise<Diagnosis> =>
  diagnoseRelease(deps, { app: 'shop', environment, release, oldRelease: 'old', mark: null, why: null });

test.each([
  ['leak', 'memory-leak', /memory grows without an end/],
  ['busy', 'event-loop-blocked', /event loop is blocked/],
  ['slow', 'slow-route', /^\/report answers slowly: 3\d\d ms on average, \d+ ms before$/],
  ['health', 'health-path', /\/healthz, and the application answers 404/],
  ['hangs', 'hanging', /gives no answer/],
  ['elsewhere', 'wrong-port', /listens on port \d+, and not on \d+/],
  ['dependency', 'dependency-changed', /^carts went from 1\.4\.0 to 2\.0\.0 \(major\).* at app\.js:5/],
] as const)('a release that fails by %s is told by its figures: %s', async (release, cause, title) => {
  const { causes, looked, impact } = await diagnosis(release);
  expect(causes[0]).toMatchObject({ cause, title: expect.stringMatching(title) as string });
  expect(looked.map(({ source }) => source)).toEqual(expect.arrayContaining(['runner', 'changes']));
  if (release === 'slow') expect(impact).toMatchObject({ requests: 24, failed: 0, clients: 1, clientsAffected: 0 });
  if (release === 'busy')
    expect(JSON.stringify(causes[0]?.evidence)).toMatch(
      /main thread of instance 0 ran for .* and waited for a processor/,
    );
  if (release === 'dependency') expect(causes[0]?.remedy.command).toBe('npm install carts@1.4.0');
});

test('without a cause what changed is the first guess, by names and never by values', async () => {
  const said = await diagnosis('old').then(({ causes }) => causes);
  expect(said).toEqual([]);
  const { causes } = await diagnoseRelease(deps, {
    app: 'shop',
    environment: { ...environment, health: { ...environment.health, path: '/' } },
    release: 'health',
    oldRelease: 'old',
    mark: null,
    why: null,
  });
  expect(causes[0]).toMatchObject({ cause: 'configuration-changed', confidence: 0.25 });
  expect(causes[0]?.evidence.map(({ text }) => text)).toEqual([
    'the variable RATES_URL was removed',
    'the secret KEY was changed',
  ]);
  expect(JSON.stringify(causes)).not.toContain(SECRET);
});

test('requests that hang when a release is taken away are counted as failed', async () => {
  const listen = environment.traffic.listen;
  const route = { app: 'shop', environment: 'production', listen, slowMs: 1_000, drainMs: 200 };
  const give = (release: string) =>
    deps.traffic.setWeights(route, {
      releases: { [release]: addresses[release] ?? [] },
      weights: { [release]: 100 },
      lease: null,
    });
  await give('hangs');
  const asked = [1, 2, 3].map(() =>
    fetch(`http://127.0.0.1:${listen.port}/`).then(
      ({ status }) => status,
      () => 0,
    ),
  );
  const inFlight = async () => (await deps.traffic.read(route))?.figures['hangs']?.inFlight;
  while ((await inFlight()) !== 3) await sleep(50);
  await give('old');
  const short = { ...environment, traffic: { ...environment.traffic, drainMs: 200 } };
  const { left, last } = await inActivity(() =>
    drainRelease(deps, { app: 'shop', environment: short, release: 'hangs' }),
  );
  expect({ left, last }).toEqual({ left: 3, last: { requests: 3, failed: 3, cut: 3 } });
  for (const status of await Promise.all(asked)) expect(status).not.toBe(200);
});

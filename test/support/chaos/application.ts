/** A real small application for kills: its tests, its build, its start and its smoke check take long enough to be hit. */
import type { EnvironmentSpec, Spec } from '../../../domain/spec/spec';
import { freePort } from '../ports';
import { scratch, writeFiles } from '../scratch';
import { environmentSpec, spec } from '../specs';

export const APP = 'kills';
export const PRODUCTION_INSTANCES = 2;
export const TESTS_SCRIPT = 'check.js';
export const BUILD_SCRIPT = 'build.js';
/** Long enough to be hit, short enough for some hundred of them. */
export const WATCH_MS = { staging: 1_500, production: 1_500 } as const;

/** A spec with staging and production, an approval by `bo`, and short watches. */
export async function chaosSpec(): Promise<Spec> {
  const production = await environment('production');
  const ordinary = spec();
  return spec({
    app: APP,
    build: { ...ordinary.build, command: [['node', BUILD_SCRIPT]] },
    tests: { ...ordinary.tests, unit: [['node', TESTS_SCRIPT]] },
    environments: [await environment('staging'), production],
  });
}

async function environment(name: 'staging' | 'production'): Promise<EnvironmentSpec> {
  const ordinary = environmentSpec();
  const isProduction = name === 'production';
  const check = { kind: 'get', path: '/slow', timeoutMs: 5_000, status: [200], contains: null, type: null } as const;
  return environmentSpec({
    name,
    platform: { ...ordinary.platform, instances: isProduction ? PRODUCTION_INSTANCES : 1 },
    traffic: { kind: 'router', listen: { host: '127.0.0.1', port: await freePort() }, drainMs: 1_000 },
    secrets: {},
    health: { ...ordinary.health, everyMs: 200, startMs: 30_000 },
    stop: { graceMs: 2_000 },
    smoke: [{ ...check, header: {} }],
    // How well a release does is not the question here: a busy machine may answer slowly.
    watch: {
      ...ordinary.watch,
      forMs: WATCH_MS[name],
      minimum: isProduction ? 4 : 1,
      slow: 0.9,
      resources: 50,
      probes: [{ ...check, path: '/quick', header: {} }],
    },
    approval: isProduction
      ? { from: ['bo'], needs: 1, deadlineMs: 600_000, requester: 'may-not', onRejected: 'keep' }
      : null,
    retire: { afterMs: 200 },
  });
}

/** The folder of one version; a `bad` one answers 12 of 100 requests with 500, and is healthy. */
/** An application keeps the folder that it was first deployed from. */
let place: string | undefined;

export function chaosFolder(version: string, how: 'good' | 'bad'): string {
  const folder = (place ??= scratch());
  writeFiles(folder, {
    'server.js': server(how),
    'version.txt': version,
    [TESTS_SCRIPT]: wait(400),
    [BUILD_SCRIPT]: wait(400),
    '.mvcaignore': '',
  });
  return folder;
}

const wait = (ms: number): string => `setTimeout(() => console.log('done'), ${ms});\n`;

function server(how: 'good' | 'bad'): string {
  return `const http = require('node:http');
let count = 0;
const server = http.createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  if (request.url === '/slow') return void setTimeout(() => response.end('slow'), 250);
  if (${how === 'bad'} && request.url === '/' && count++ % 25 < 3) response.statusCode = 500;
  response.end('version ' + process.env.APP_VERSION);
});
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), 300);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`;
}

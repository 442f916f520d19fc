/** A real small application for kills: its tests, its build, its start and its smoke check take long enough to be hit. */
import { parseSpec } from '../../../domain/spec/parse';
import type { Spec } from '../../../domain/spec/spec';
import { freePort } from '../ports';
import { scratch, writeFiles } from '../scratch';

export const APP = 'kills';
export const PRODUCTION_INSTANCES = 2;
export const TESTS_SCRIPT = 'check.js';
export const BUILD_SCRIPT = 'build.js';
/** Long enough to be hit, short enough for some hundred of them. */
export const WATCH_MS = { staging: 1_500, production: 1_500 } as const;

/** A spec with staging and production, an approval by `bo`, and short watches. */
export async function chaosSpec(): Promise<Spec> {
  const ports = { staging: await freePort(), production: await freePort() };
  text = [
    `app: ${APP}`,
    `build: { command: node ${BUILD_SCRIPT} }`,
    `tests: { unit: node ${TESTS_SCRIPT} }`,
    'environments:',
    ...(['staging', 'production'] as const).flatMap((name) => environment(name, ports[name])),
    '',
  ].join('\n');
  const parsed = parseSpec(text, 'deployment.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

/** As it stands in the folder of every version. */
let text = '';

function environment(name: 'staging' | 'production', port: number): readonly string[] {
  const isProduction = name === 'production';
  return [
    `  ${name}:`,
    `    platform: { kind: process, start: node server.js, instances: ${isProduction ? PRODUCTION_INSTANCES : 1} }`,
    `    traffic: { kind: router, listen: 127.0.0.1:${port}, drain: 1s }`,
    '    variables: { LOG_LEVEL: info }',
    '    health: { path: /healthz, every: 200ms, start: 30s, status: 200 }',
    '    stop: { grace: 2s }',
    '    smoke: [{ get: /slow, status: 200, timeout: 5s }]',
    // How well a release does is not the question here: a busy machine may answer slowly.
    `    watch: { for: ${WATCH_MS[name]}ms, minimum: ${isProduction ? 4 : 1}, slow: 90%, resources: 100%, deadline: 24h, probes: [{ get: /quick, status: 200, timeout: 5s }] }`,
    `    approval: ${isProduction ? '{ from: [bo], needs: 1, deadline: 10m, requester: may-not }' : 'none'}`,
    '    retire: { after: 200ms }',
    '    rehearse: false',
  ];
}

/** The folder of one version; a `bad` one answers 12 of 100 requests with 500, and is healthy. */
/** An application keeps the folder that it was first deployed from. */
let place: string | undefined;

export function chaosFolder(version: string, how: 'good' | 'bad'): string {
  const folder = (place ??= scratch());
  writeFiles(folder, {
    'server.js': server(how),
    'version.txt': version,
    'deployment.yaml': text,
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

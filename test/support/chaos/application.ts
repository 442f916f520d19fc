/** A real small application for kills: its tests, its build, its start and its smoke check take long enough to be hit. */
import { firstDifference } from '../../../domain/difference';
import { parseSpec } from '../../../domain/spec/parse';
import type { EnvironmentSpec, Spec, StrategySpec } from '../../../domain/spec/spec';
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
  return read(textWith((['staging', 'production'] as const).map((name) => environment(name, ports[name]))));
}

/** An application keeps the folder that it was first deployed from. */
let place: string | undefined;

/**
 * The folder of one version, with the spec that it is deployed by: the engine reads it anew there. A `bad` version answers 12 of 100
 * requests with 500, and is healthy.
 */
export function chaosFolder(version: string, how: 'good' | 'bad', spec: Spec): string {
  const folder = (place ??= scratch());
  writeFiles(folder, {
    'server.js': server(how),
    'version.txt': version,
    'deployment.yaml': textOf(spec),
    [TESTS_SCRIPT]: wait(400),
    [BUILD_SCRIPT]: wait(400),
    '.mvcaignore': '',
  });
  return folder;
}

/** What a test changed in the spec, as a person would have written it. @throws Error where it cannot be written like that */
function textOf(spec: Spec): string {
  const text = textWith(spec.environments.map(changed));
  const difference = firstDifference(read(text), spec);
  if (difference === null) return text;
  throw new Error(`the chaos application's file cannot say what is asked for: ${difference}`);
}

function read(text: string): Spec {
  const parsed = parseSpec(text, 'deployment.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

const textWith = (environments: readonly EnvironmentText[]): string =>
  [
    `app: ${APP}`,
    `build: { command: node ${BUILD_SCRIPT} }`,
    `tests: { unit: node ${TESTS_SCRIPT} }`,
    'environments:',
    ...environments.flatMap(linesOf),
    '',
  ].join('\n');

/** What differs between environments, and what tests change. */
interface EnvironmentText {
  readonly name: 'staging' | 'production';
  readonly port: number;
  readonly instances: number;
  readonly strategy: string;
  readonly watch: string;
  readonly approval: string;
}

const BLUE_GREEN = 'blue-green';

function environment(name: EnvironmentText['name'], port: number): EnvironmentText {
  const isProduction = name === 'production';
  return {
    name,
    port,
    instances: isProduction ? PRODUCTION_INSTANCES : 1,
    strategy: BLUE_GREEN,
    watch: `for: ${WATCH_MS[name]}ms`,
    approval: isProduction ? APPROVAL : 'none',
  };
}

const APPROVAL = '{ from: [bo], needs: 1, deadline: 10m, requester: may-not }';

function changed({ name, traffic, platform, strategy, watch, approval }: EnvironmentSpec): EnvironmentText {
  if (name === 'development') throw new Error('the chaos application has no development');
  return {
    name,
    port: traffic.listen.port,
    instances: platform.instances,
    strategy: strategyText(strategy),
    watch: `for: ${watch.forMs}ms, errors: ${watch.errors * 100}%`,
    approval: approval === null ? 'none' : APPROVAL,
  };
}

function strategyText(strategy: StrategySpec): string {
  if (strategy.kind === 'blue-green') return BLUE_GREEN;
  const { eachMs, onInsufficient, stickiness = 'none' } = strategy;
  const shared = `each: ${eachMs}ms, onInsufficient: ${onInsufficient}, stickiness: ${stickiness}`;
  if (strategy.kind === 'rolling') return `{ kind: rolling, batch: ${strategy.batch}, ${shared} }`;
  const steps = strategy.steps.map((step) => `${step}%`).join(', ');
  return `{ kind: canary, steps: [${steps}], ${shared} }`;
}

function linesOf({ name, port, instances, strategy, watch, approval }: EnvironmentText): readonly string[] {
  return [
    `  ${name}:`,
    `    platform: { kind: process, start: node server.js, instances: ${instances} }`,
    `    traffic: { kind: router, listen: 127.0.0.1:${port}, drain: 1s }`,
    '    variables: { LOG_LEVEL: info }',
    '    health: { path: /healthz, every: 200ms, start: 30s, status: 200 }',
    '    stop: { grace: 2s }',
    '    smoke: [{ get: /slow, status: 200, timeout: 5s }]',
    `    strategy: ${strategy}`,
    // How well a release does is not the question here: a busy machine may answer slowly.
    `    watch: { ${watch}, minimum: ${name === 'production' ? 4 : 1}, slow: 90%, resources: 100%, deadline: 24h, probes: [{ get: /quick, status: 200, timeout: 5s }] }`,
    `    approval: ${approval}`,
    '    retire: { after: 200ms }',
    '    rehearse: false',
  ];
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

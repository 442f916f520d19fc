import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseSpec } from '../../domain/spec/parse';
import type { Command, EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { applyVersion, copyApp, exampleApps, versionsOf } from '../../scripts/example-apps';
import { cleanEnvironment, registryEnvironment, runCommand, succeeded } from '../../system/run-command';
import { startPostgres } from '../support/postgres';
import type { TestPostgres } from '../support/postgres';
import { startApp, untilStatus } from '../support/started-app';
import type { StartedApp } from '../support/started-app';

/** Idle clients keep their connections; an application ends all the same. */
const STOP_MS = 8_000;

let root: string;
let database: TestPostgres;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'mvca-examples-'));
  database = await startPostgres();
}, 120_000);
afterAll(async () => {
  await database?.stop();
  await rm(root, { recursive: true, force: true });
});

const APPS = ['express-postgres', 'no-dependencies', 'shop', 'slow-starter', 'static-site', 'typescript-build'];

test('every example is tested here, and has a second version', async () => {
  expect([...(await exampleApps())].sort()).toEqual(APPS);
  for (const app of APPS) expect((await versionsOf(app)).length).toBeGreaterThan(1);
});

test.concurrent.each(APPS)(
  '%s installs, passes its tests in every version, builds, serves and stops in good order',
  async (app) => {
    const folder = path.join(root, app);
    await copyApp(app, folder);
    const spec = await specOf(folder);
    await run(await installCommand(folder), folder);
    const [, ...later] = await versionsOf(app);
    for (const version of [null, ...later]) {
      if (version !== null) await applyVersion(app, folder, version);
      const printed = await inTurn(spec.tests.unit, folder);
      expect(printed.at(-1)).toMatch(/tests [1-9]/);
    }
    await inTurn(spec.build.command, folder);
    await servesAndStops(folder, spec);
  },
  120_000,
);

async function servesAndStops(folder: string, spec: Spec): Promise<void> {
  const production = spec.environments.at(-1) as EnvironmentSpec;
  const variables = { APP_VERSION: '9.9.9', DATABASE_URL: database.url };
  if (spec.app === 'notes') await database.query(await notesTable(folder));
  const app = await startApp({ cwd: folder, command: production.platform.start, variables });
  try {
    const healthy = await untilStatus(app, production.health.path, 200);
    expect(healthy.headers.get('x-app-version')).toBe('9.9.9');
    await healthy.text();
    for (const check of production.smoke) if (check.kind === 'get') await answers(app, check);
    app.child.kill('SIGTERM');
    expect(await within(STOP_MS, app.ended)).toEqual({ code: 0, signal: null });
  } finally {
    app.child.kill('SIGKILL');
  }
}

async function answers(app: StartedApp, check: { path: string; contains: string | null; status: readonly number[] }) {
  const response = await fetch(app.url + check.path, { redirect: 'manual' });
  const body = await response.text();
  expect({ path: check.path, status: response.status, expected: check.status.includes(response.status) }).toMatchObject(
    {
      expected: true,
    },
  );
  expect(body).toContain(check.contains ?? '');
}

/** The table belongs to the application's own user, as one that a migration makes. */
const notesTable = async (folder: string): Promise<string> =>
  `set role app; ${await readFile(path.join(folder, 'schema.sql'), 'utf8')}`;

const specOf = async (folder: string): Promise<Spec> => {
  const parsed = parseSpec(await readFile(path.join(folder, 'deployment.yaml'), 'utf8'), 'deployment.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
};

async function installCommand(folder: string): Promise<Command> {
  const hasLock = await readFile(path.join(folder, 'package-lock.json')).catch(() => null);
  return ['npm', hasLock === null ? 'install' : 'ci', '--no-audit', '--no-fund'];
}

async function inTurn(commands: readonly Command[], cwd: string): Promise<string[]> {
  const printed: string[] = [];
  for (const command of commands) printed.push(await run(command, cwd));
  return printed;
}

async function run(argv: Command, cwd: string): Promise<string> {
  const lines: string[] = [];
  const env = { ...cleanEnvironment(), ...registryEnvironment() };
  const result = await runCommand({ argv, cwd, env, timeoutMs: 90_000, onLine: (line) => lines.push(line) });
  if (!succeeded(result)) throw new Error(`${argv.join(' ')} ${result.end} ${result.code}:\n${lines.join('\n')}`);
  return lines.join('\n');
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

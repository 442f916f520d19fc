import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnosis } from '../../../domain/diagnosis/answer';
import { mvca, type Ran } from '../../support/mvca';
import { removeScratch, scratch } from '../../support/scratch';

let folder: string;
beforeAll(() => {
  folder = scratch();
});
afterAll(removeScratch);

const run = (args: readonly string[], input?: string): Promise<Ran> =>
  mvca(['diagnose', ...args], {
    cwd: folder,
    env: { MVCA_HOME: path.join(folder, 'home') },
    ...(input === undefined ? {} : { input }),
  });

const given = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return name;
};

const SHOP = ['--app', 'shop', '--environment', 'production'];
const MISSING = '[error] STRIPE_WEBHOOK_SECRET is not set\n';

test('logs of both releases are diagnosed: as one JSON object, or as sentences with the command that mends it', async () => {
  const [fresh, old] = [given('new.log', `[info] hello\n${MISSING}`), given('old.log', '[info] hello\n')];
  const files = ['--logs', fresh, '--old-logs', old, ...SHOP];
  const { code, out, err } = await run([...files, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    causes: [
      {
        cause: 'missing-variable',
        confidence: expect.any(Number),
        title: expect.stringContaining('STRIPE_WEBHOOK_SECRET'),
        evidence: [{ source: 'new.log', at: null, line: 2, text: '[error] STRIPE_WEBHOOK_SECRET is not set' }],
        remedy: { command: 'mvca secrets set shop production STRIPE_WEBHOOK_SECRET' },
      },
    ],
  });
  const told = await run(files);
  expect(told.out).toContain('1. the secret STRIPE_WEBHOOK_SECRET is missing (missing-variable, confidence ');
  expect(told.out).toContain('\n   mvca secrets set shop production STRIPE_WEBHOOK_SECRET\n');
});

test('application, environment and the kinds of its variables are read from the spec', async () => {
  given(
    'deployment.yaml',
    'app: shop\nenvironments:\n  production:\n    platform: { kind: process, start: node server.js }\n    traffic: { kind: router, listen: 127.0.0.1:8080 }\n    variables: { CACHE_TTL: "60" }\n    secrets: { PG_URL: secret://file/shop/production/PG_URL }\n    databases: { main: { url: $PG_URL } }\n',
  );
  const log = given('spec.log', '[error] CACHE_TTL is not set\n[fatal] database "shop_v2" does not exist\n');
  const { out } = await run(['--logs', log, '--json']);
  const { causes } = JSON.parse(out) as Diagnosis;
  expect(Object.fromEntries(causes.map(({ cause, remedy }) => [cause, remedy.command]))).toEqual({
    'unknown-database': 'mvca secrets set shop production PG_URL',
    'missing-variable': undefined,
  });
});

test('without an environment production is meant', async () => {
  const { out } = await run(['--logs', '-', '--app', 'other'], MISSING);
  expect(out).toContain('mvca secrets set other production STRIPE_WEBHOOK_SECRET');
});

test('without a cause it says what it looked at; standard input is read, too', async () => {
  const { code, out } = await run(['--logs', '-', ...SHOP], '[info] all is well\n');
  expect(code).toBe(0);
  expect(out).toMatch(/^no cause found: looked at standard input \(1 lines, 0 errors\)/);
});

test('a file that is not there ends with code 2', async () => {
  const { code, out, err } = await run(['--logs', 'nowhere.log']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('nowhere.log cannot be read: ENOENT');
});

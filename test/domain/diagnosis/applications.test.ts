import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readCodeLine } from '../../../client/log-file';
import { NO_CONTEXT, type Context, type Diagnosis } from '../../../domain/diagnosis/answer';
import { diagnose } from '../../../domain/diagnosis/diagnose';
import { failed, type FailingApp } from '../../support/failing-app';
import { freePort } from '../../support/ports';
import { startPostgres, type TestPostgres } from '../../support/postgres';

interface Case extends FailingApp {
  /** null: it must not claim to know one. */
  readonly cause: string | null;
  /** The title names it. */
  readonly names?: RegExp;
  readonly command?: string;
}

const CONTEXT: Context = { ...NO_CONTEXT, app: 'shop', environment: 'production', databaseSecret: 'DATABASE_URL' };

let database: TestPostgres;
let taken: Server;
let ports: { readonly taken: string; readonly closed: string };
beforeAll(async () => {
  database = await startPostgres();
  taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  ports = { taken: String((taken.address() as AddressInfo).port), closed: String(await freePort()) };
});
afterAll(async () => {
  taken.close();
  await database.stop();
});

/** These were at hand while the rules were written. */
const SEEN: readonly Case[] = [
  {
    program: 'missing-secret.js',
    cause: 'missing-variable',
    names: /STRIPE_WEBHOOK_SECRET/,
    command: 'mvca secrets set shop production STRIPE_WEBHOOK_SECRET',
  },
  { program: 'undefined-variable.js', cause: 'missing-variable', names: /ALLOWED_ORIGINS/ },
  {
    program: 'malformed-variable.js',
    cause: 'malformed-variable',
    names: /CATALOG_URL/,
    env: { CATALOG_URL: 'catalog' },
  },
  {
    program: 'database-refused.js',
    cause: 'database-refused',
    command: 'mvca secrets set shop production DATABASE_URL',
  },
  { program: 'wrong-password.js', cause: 'wrong-credentials', names: /"app"/ },
  { program: 'missing-table.js', cause: 'missing-table', names: /orders/ },
  {
    program: 'missing-module.js',
    cause: 'missing-module',
    names: /left-padding-of-the-fastest-kind/,
  },
  { program: 'syntax-error.js', cause: 'syntax-error', names: /parts\/broken\.js:3/ },
  { program: 'type-error.js', cause: 'type-error', names: /type-error\.js:4/ },
  { program: 'unhandled-rejection.js', cause: 'unhandled-rejection', names: /unhandled-rejection\.js:1/ },
  { program: 'port-in-use.js', cause: 'port-in-use' },
  { program: 'name-not-resolved.js', cause: 'name-not-resolved', names: /rates\.shop\.invalid/ },
  { program: 'disk-full.js', cause: 'disk-full' },
  { program: 'out-of-memory.js', cause: 'out-of-memory', flags: ['--max-old-space-size=24'] },
  { program: 'calm.js', cause: null },
];

/** These were written when the rules were done, and only score. `form`: what a terminal would not show is in the runner's words. */
const SET_ASIDE: readonly (Case & { readonly form?: 'kept'; readonly needs?: 'openssl' })[] = [
  { program: 'column-renamed.js', cause: 'missing-column', names: /discount/ },
  { program: 'unknown-database.js', cause: 'unknown-database', names: /shop_v2/ },
  { program: 'leaking-pool.js', cause: 'pool-exhausted' },
  { program: 'service-refused.js', cause: 'service-refused' },
  { program: 'service-timeout.js', cause: 'service-timeout' },
  { program: 'self-signed.js', cause: 'certificate-unknown', needs: 'openssl' },
  { program: 'expired-certificate.js', cause: 'certificate-expired', needs: 'openssl' },
  { program: 'not-writable.js', cause: 'not-writable', names: /uploads-/ },
  { program: 'missing-package.mjs', cause: 'missing-module' },
  {
    program: 'bad-key.js',
    cause: 'malformed-variable',
    env: { INVOICE_SIGNING_KEY: 'not a key' },
    command: 'mvca secrets set shop production INVOICE_SIGNING_KEY',
  },
  { program: 'schema.js', cause: 'missing-variable', names: /MAIL_FROM/, env: { SESSION_TTL: '90' } },
  { program: 'own-checker.js', cause: 'missing-variable', names: /SMTP_HOST/ },
  { program: 'reference-error.js', cause: 'type-error', names: /reference-error\.js:5: customer/ },
  { program: 'rejected-object.js', cause: 'unhandled-rejection' },
  { program: 'killed.js', cause: 'out-of-memory', form: 'kept' },
  { program: 'second-listener.js', cause: 'port-in-use' },
  { program: 'health-elsewhere.js', cause: 'health-path', names: /\/healthz/ },
  { program: 'fixed-port.js', cause: 'wrong-port', form: 'kept' },
  { program: 'rejected-key.js', cause: 'wrong-credentials', names: /401/ },
  { program: 'full-journal.js', cause: 'disk-full' },
  {
    program: 'config-class.js',
    cause: 'malformed-variable',
    names: /CACHE_TTL_SECONDS/,
    env: { CACHE_TTL_SECONDS: 'soon' },
  },
  { program: 'cache-host.js', cause: 'name-not-resolved', names: /cache\.shop\.invalid/ },
  { program: 'worker-memory.js', cause: 'out-of-memory' },
  { program: 'business.js', cause: null },
];

/** Of the logs of those that were at hand. */
let named = 0;

async function diagnosed(app: Case, form: 'plain' | 'kept'): Promise<Diagnosis> {
  const env = { DATABASE_URL: database.url, TAKEN_PORT: ports.taken, CLOSED_PORT: ports.closed, ...app.env };
  const log = await failed({ ...app, env });
  return diagnose({ fresh: [{ source: 'new.log', text: log[form] }], old: [], code: readCodeLine }, CONTEXT);
}

const isInstalled = (program: string): boolean =>
  spawnSync(program, ['version'], { stdio: 'ignore' }).error === undefined;

function isRight({ cause, names, command }: Case, { causes: [best] }: Diagnosis): boolean {
  if (cause === null) return best === undefined;
  return (
    best?.cause === cause &&
    (names?.test(best.title) ?? true) &&
    (command === undefined || best.remedy.command === command)
  );
}

test.each(SEEN.flatMap((app) => (['plain', 'kept'] as const).map((form) => [app.program, form, app] as const)))(
  '%s fails for real, and its %s log names the cause',
  async (_, form, app) => {
    const diagnosis = await diagnosed(app, form);
    if (isRight(app, diagnosis)) named += 1;
    else throw new Error(JSON.stringify(diagnosis, null, 2));
    if (app.cause !== null) expect(diagnosis.causes[0]?.evidence.length).toBeGreaterThan(0);
  },
);

test('of the applications that were set aside, as many are named as were measured', async () => {
  const wrong: string[] = [];
  const possible = SET_ASIDE.filter(({ needs }) => needs === undefined || isInstalled(needs));
  for (const app of possible) {
    const diagnosis = await diagnosed(app, app.form ?? 'plain');
    const [best] = diagnosis.causes;
    if (!isRight(app, diagnosis))
      wrong.push(`${app.program}: ${best === undefined ? 'no cause' : `${best.cause}, ${best.title}`}`);
  }
  const right = possible.length - wrong.length;
  process.stderr.write(
    `causes named: ${named} of ${SEEN.length * 2} logs at hand, ${right} of ${possible.length} set aside\n`,
  );
  process.stderr.write(wrong.map((one) => `  ${one}\n`).join(''));
  expect(right).toBeGreaterThanOrEqual(possible.length - 1);
});

/** Programs written with other people's libraries; what they printed when they failed was recorded (see the fixtures' README). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readCodeLine } from '../../../client/log-file';
import { NO_CONTEXT, type Context, type Diagnosis, type LogText } from '../../../domain/diagnosis/answer';
import { diagnose } from '../../../domain/diagnosis/diagnose';

interface Recorded {
  readonly program: string;
  /** null: nothing is wrong with it. */
  readonly cause: string | readonly string[] | null;
  /** The title names it. */
  readonly names?: RegExp;
  readonly command?: RegExp;
  /** There is a log of the old release. */
  readonly old?: true;
}

const FOREIGN: readonly Recorded[] = [
  { program: 'basket', cause: 'type-error', names: /basket\.js:4/ },
  { program: 'cache-auth', cause: 'wrong-credentials' },
  {
    program: 'config-zod',
    cause: 'missing-variable',
    names: /SENTRY_DSN/,
    command: /^mvca secrets set shop production SENTRY_DSN$/,
  },
  { program: 'consumer', cause: 'unhandled-rejection' },
  { program: 'env-box', cause: 'missing-variable', names: /PAYMENTS_API_KEY/, command: / PAYMENTS_API_KEY$/ },
  { program: 'fastify-port', cause: 'port-in-use' },
  { program: 'fastify-products', cause: 'missing-column', names: /vat_rate/ },
  { program: 'invoice-mail', cause: 'missing-variable', names: /MAILGUN_DOMAIN/, command: / MAILGUN_DOMAIN$/ },
  { program: 'journal', cause: 'disk-full' },
  { program: 'knex-coupons', cause: 'missing-table', names: /coupons/ },
  { program: 'limit', cause: 'type-error', names: /limit\.js:2/ },
  { program: 'mirrors', cause: 'service-refused' },
  { program: 'mongoose-start', cause: 'database-refused' },
  { program: 'orm-start', cause: 'unknown-database', names: /shop_next/ },
  { program: 'partner-tls', cause: 'certificate-unknown' },
  { program: 'quiet', cause: null },
  // Its logger leaves the error's cause out: that a service cannot be reached is all that the log knows.
  { program: 'rates-bunyan', cause: 'service-refused', names: /rates-bunyan\.js:7/ },
  { program: 'reports-pool', cause: 'pool-exhausted' },
  { program: 'search-url', cause: ['malformed-variable', 'missing-variable'], names: /SEARCH_ENDPOINT/, old: true },
  { program: 'sequelize-login', cause: 'wrong-credentials' },
  { program: 'sessions-ioredis', cause: ['database-refused', 'service-refused'] },
  { program: 'shipping-axios', cause: 'service-timeout' },
  { program: 'thumbnails', cause: 'out-of-memory' },
  { program: 'tokens', cause: 'malformed-variable', names: /JWT_PRIVATE_KEY/ },
  { program: 'uploads', cause: 'not-writable', names: /shop-uploads/ },
  { program: 'welcome-mail', cause: 'service-refused' },
];

const CONTEXT: Context = { ...NO_CONTEXT, app: 'shop', environment: 'production', databaseSecret: 'DATABASE_URL' };
const FOLDER = path.join(__dirname, '../../fixtures/diagnosis/foreign');

const recorded = (name: string): LogText => ({
  source: `${name}.ndjson`,
  text: readFileSync(path.join(FOLDER, 'logs', `${name}.ndjson`), 'utf8'),
});

const diagnosed = ({ program, old }: Recorded): Diagnosis =>
  diagnose(
    {
      fresh: [recorded(program)],
      old: old === undefined ? [] : [recorded(`${program}.old`)],
      code: (place) => readCodeLine({ ...place, file: place.file.replace(/^\/tmp\/shop/, FOLDER) }),
    },
    CONTEXT,
  );

function isRight({ cause, names, command }: Recorded, { causes: [best] }: Diagnosis): boolean {
  if (cause === null) return best === undefined;
  return (
    best !== undefined &&
    [cause].flat().includes(best.cause) &&
    (names?.test(best.title) ?? true) &&
    (command?.test(best.remedy.command ?? '') ?? true)
  );
}

test.each(FOREIGN.map((one) => [one.program, one] as const))('the log of %s names the cause', (_, one) => {
  const diagnosis = diagnosed(one);
  if (!isRight(one, diagnosis)) throw new Error(JSON.stringify(diagnosis, null, 2));
  expect(JSON.stringify(diagnosis)).not.toMatch(/hunter22|s3cr3t-pa55|MIIEvQIBADANBg/);
});

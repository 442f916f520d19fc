import { NO_CONTEXT, type Context, type Diagnosis } from '../../../domain/diagnosis/answer';
import { diagnose } from '../../../domain/diagnosis/diagnose';

const SHOP: Context = { ...NO_CONTEXT, app: 'shop', environment: 'production' };
const of = (fresh: string, old: string | null = null, context: Context = SHOP): Diagnosis =>
  diagnose(
    { fresh: [{ source: 'new.log', text: fresh }], old: old === null ? [] : [{ source: 'old.log', text: old }] },
    context,
  );
const refused = (port: number): string => `[error] stock: connect ECONNREFUSED 10.0.0.7:${port}`;

test('an error that is logged 500 times is one cause with its count', () => {
  const { causes } = of(Array.from({ length: 500 }, () => refused(8080)).join('\n'));
  expect(causes).toHaveLength(1);
  expect(causes[0]).toMatchObject({ cause: 'service-refused', count: 500, countBefore: 0 });
});

test('an error that is logged where it happens and again where it is wrapped is one cause, the root', () => {
  const root =
    "Error: connect ECONNREFUSED 10.0.0.7:8080\n    at afterConnect (node:net:1:1) {\n  code: 'ECONNREFUSED'\n}";
  const wrapped = `Error: no stock\n    at stock (/app/stock.js:3:9) {\n  [cause]: ${root.replaceAll('\n', '\n  ')}\n}`;
  const { causes } = of(`${root}\n${wrapped}`);
  expect(causes.map(({ cause, count }) => [cause, count])).toEqual([['service-refused', 2]]);
});

test('trouble that the old release has, too, ranks far below what is new', () => {
  const { causes } = of(`${refused(8080)}\n${refused(8080)}\n[error] CACHE_TTL is not set`, refused(8080));
  expect(causes.map(({ cause, countBefore }) => [cause, countBefore])).toEqual([
    ['missing-variable', 0],
    ['service-refused', 1],
  ]);
  expect(causes[1]?.confidence).toBeLessThan(0.3);
});

test('when it does not know, it says what it looked at, and what only the new release says', () => {
  const diagnosis = of('[info] listening\n[error] order 17 is odd\n[error] cart 3 is even', '[error] order 4 is odd\n');
  expect(diagnosis).toEqual({
    causes: [],
    looked: [
      { source: 'new.log', release: 'new', lines: 3, errors: 2 },
      { source: 'old.log', release: 'old', lines: 1, errors: 1 },
    ],
    unexplained: [{ source: 'new.log', at: null, line: 3, text: '[error] cart 3 is even' }],
    impact: null,
  });
  expect(of('')).toMatchObject({ causes: [], looked: [{ lines: 0, errors: 0 }], unexplained: [] });
});

test('what is said to be information is no cause', () => {
  const calm = [
    '{"level":30,"msg":"retrying after ECONNRESET"}',
    '[info] using the default for CACHE_URL (not set)',
    'INFO tokens used: 12',
  ];
  expect(of(calm.join('\n')).causes).toEqual([]);
});

test('quoted lines carry place, time and no secret', () => {
  const line = '2026-11-25 08:00:00,500 ERROR db: postgres://app:hunter2@db:5432 connect ECONNREFUSED 10.0.0.9:5432';
  const [cause] = of(`starting\n${line}`).causes;
  expect(cause?.evidence).toEqual([
    {
      source: 'new.log',
      at: '2026-11-25T08:00:00.500Z',
      line: 2,
      text: 'ERROR db: postgres://app:[secret]@db:5432 connect ECONNREFUSED 10.0.0.9:5432',
    },
  ]);
});

test('a remedy is a command where application and environment are known, and follows the spec', () => {
  const log = '[error] API_KEY is not set';
  expect(of(log).causes[0]?.remedy.command).toBe('mvca secrets set shop production API_KEY');
  expect(of(log, null, NO_CONTEXT).causes[0]?.remedy.command).toBeUndefined();
  const plain = of(log, null, { ...SHOP, variables: ['API_KEY'] }).causes[0]?.remedy;
  expect(plain).toEqual({ text: expect.stringContaining('`variables` of production in deployment.yaml') });
});

test('no command is made of words that a log could have been given', () => {
  const text = "Error: Cannot find module 'x;reboot'\n    at a (/app/a.js:1:1) {\n  code: 'MODULE_NOT_FOUND'\n}";
  const [cause] = of(text).causes;
  expect(cause?.cause).toBe('missing-module');
  expect(cause?.remedy.command).toBeUndefined();
});

test('a process that the system ended is told from one that ends itself', () => {
  const says = (text: string): string =>
    JSON.stringify({ at: '2026-11-25T08:00:00.000Z', instance: 0, stream: 'mvca', line: text });
  const best = (text: string) => of(says(text)).causes[0]?.cause;
  expect(
    [
      'ended by SIGKILL',
      'ended by SIGSEGV',
      'exited with code 137',
      'exited with code 3',
      'stopped',
      'not started: no program node18',
    ].map(best),
  ).toEqual(['out-of-memory', 'crashed', 'out-of-memory', 'exited', undefined, 'not-started']);
});

/** As the libraries write them. */
test.each([
  [
    'unknown-database',
    'mysql2',
    "Error: Unknown database 'shop_v2'\n    at x (/app/node_modules/mysql2/lib/packets/packet.js:1:1) {\n  code: 'ER_BAD_DB_ERROR'\n}",
  ],
  [
    'wrong-credentials',
    'mongodb',
    "MongoServerError: Authentication failed.\n    at x (/app/node_modules/mongodb/lib/c.js:1:1) {\n  code: 18,\n  codeName: 'AuthenticationFailed'\n}",
  ],
  [
    'missing-table',
    'prisma',
    "PrismaClientKnownRequestError: \nInvalid `prisma.order.findMany()` invocation:\n\nThe table `public.Order` does not exist.\n    at x (/app/node_modules/@prisma/client/l.js:1:1) {\n  code: 'P2021'\n}",
  ],
  [
    'missing-column',
    'typeorm',
    "QueryFailedError: column Order.discount does not exist\n    at x (/app/node_modules/typeorm/d.js:1:1) {\n  code: '42703'\n}",
  ],
  [
    'pool-exhausted',
    'knex',
    'KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full.\n    at x (/app/node_modules/knex/lib/client.js:1:1)',
  ],
  [
    'missing-variable',
    'envalid',
    ' Invalid environment variables:\n    SMTP_PORT: Invalid port input: "abc"\n Missing environment variables:\n    SMTP_HOST: undefined',
  ],
  [
    'missing-variable',
    '@nestjs/config',
    'Error: Config validation error: "REDIS_HOST" is required. "PORT" must be a number\n    at x (/app/node_modules/@nestjs/config/c.js:1:1)',
  ],
  [
    'wrong-credentials',
    'stripe',
    '{"level":50,"err":{"type":"StripeAuthenticationError","message":"Invalid API Key provided","statusCode":401},"msg":"charge failed"}',
  ],
  [
    'service-refused',
    'axios',
    "AxiosError: connect ECONNREFUSED 10.1.2.3:8080\n    at x (/app/node_modules/axios/a.cjs:1:1) {\n  port: 8080,\n  code: 'ECONNREFUSED'\n}",
  ],
  [
    'certificate-expired',
    'node-fetch',
    "FetchError: request failed, reason: certificate has expired\n    at x (/app/node_modules/node-fetch/l.js:1:1) {\n  code: 'CERT_HAS_EXPIRED'\n}",
  ],
])('%s is known from the words of %s', (cause, _, text) => {
  expect(of(text).causes[0]?.cause).toBe(cause);
});

test('a long log takes time in proportion to its length, whatever stands in it', () => {
  const hostile = [
    `at ${'('.repeat(8_000)}`,
    'a.'.repeat(30_000),
    `${'x'.repeat(60_000)}Error`,
    ': '.repeat(20_000),
    'key='.repeat(8_000),
    `{"msg":"${'A_'.repeat(20_000)} missing","level":50}`,
  ];
  const started = process.hrtime.bigint();
  of(Array.from({ length: 20 }, () => hostile.join('\n')).join('\n'));
  expect(Number((process.hrtime.bigint() - started) / 1_000_000n)).toBeLessThan(20_000);
});

test('a constant of the code is no variable, unless it has no value where it is used', () => {
  const thrown = (code: string, error: string): string =>
    `/app/src/a.js:3\n  ${code}\n  ^\n\n${error}\n    at a (/app/src/a.js:3:5)\n\nNode.js v20.20.2`;
  const best = (code: string, error: string) => of(thrown(code, error)).causes[0]?.cause;
  expect(
    best('return MAX_ITEMS - cart.items.length;', "TypeError: Cannot read properties of undefined (reading 'length')"),
  ).toBe('type-error');
  expect(best('return MAX_ITEMS;', 'ReferenceError: MAX_ITEMS is not defined')).toBe('type-error');
  expect(
    best(
      'fetch(process.env.API_URL, cart.user.name);',
      "TypeError: Cannot read properties of undefined (reading 'name')",
    ),
  ).toBe('type-error');
  expect(best('sign(API_KEY.trim());', "TypeError: Cannot read properties of undefined (reading 'trim')")).toBe(
    'missing-variable',
  );
});

test('the same error is known again where the code stands in another folder and on another line', () => {
  const log = (folder: string, line: number): string =>
    `TypeError: cart.total is not a function\n    at pay (/srv/${folder}/src/pay.js:${line}:5)\n`;
  expect(of(log('r41', 17), log('r40', 12)).causes[0]).toMatchObject({ cause: 'type-error', countBefore: 1 });
});

test('a variable that has a default is hardly a cause', () => {
  const [cause] = of('CACHE_TTL is not set, using 60 s').causes;
  expect(cause?.confidence ?? 0).toBeLessThan(0.4);
});

describe('given port 3000, the port that it listens on', () => {
  const told = (...lines: readonly string[]) =>
    of(
      ['started with pid 7 for port 3000', ...lines]
        .map((line, at) => JSON.stringify({ at: null, instance: 0, stream: at === 0 ? 'mvca' : 'out', line }))
        .join('\n'),
    ).causes.find(({ cause }) => cause === 'wrong-port')?.title;

  test.each([
    '[Nest] 30287  - 11/30/2026, 10:49:08 AM     LOG [NestApplication] Nest application successfully started +4ms',
    '10:49:08 server ready',
    '[10:49:08.250] server started in 1:30',
    'Mon Nov 30 2026 10:49:08 GMT+0000 running',
    'worker started at src/worker.js:12',
    'started with 3 workers, ratio 3:10',
    'Debugger listening on ws://127.0.0.1:9229/6f1c',
    'metrics server listening on http://0.0.0.0:9464/metrics',
    'Redis is ready at 127.0.0.1:6379',
    'serving with the database at localhost:5432',
    'Prisma engine started, connected to db:5432',
    '{"level":30,"msg":"redis ready","port":6379}',
    'server started, build 2026.11',
  ])('is not read from: %s', (line) => {
    expect(told(line)).toBeUndefined();
  });

  test.each([
    'Listening on http://localhost:8080',
    'server listening at http://[::1]:8080',
    'ready on 0.0.0.0:8080',
    'Server is running on port 8080',
    'Express server started on :8080',
    '10:49:08 listening on port 8080',
    '{"level":30,"msg":"server started","port":8080}',
  ])('is read from: %s', (line) => {
    expect(told(line)).toBe('the application listens on port 8080, and not on 3000, which it was given');
    expect(told(line, 'listening on 3000 as well')).toBeUndefined();
  });
});

import { NO_CONTEXT, type Diagnosis } from '../../../domain/diagnosis/answer';
import { explain } from '../../../domain/diagnosis/explain';
import type { DefinitionFacts, Facts, ReleaseFacts } from '../../../domain/diagnosis/facts';
import type { MainThread } from '../../../domain/host/runner';
import { EMPTY } from '../../../domain/histogram';
import type { ReleaseFigures } from '../../../domain/host/router';
import { withLast } from '../../../domain/diagnosis/impact';
import { impactSentence } from '../../../domain/reports/sentence';

const DEFINITION: DefinitionFacts = {
  start: ['node', 'server.js'],
  directory: '.',
  instances: 1,
  port: { variable: 'PORT' },
  persistent: [],
  graceMs: 10_000,
  checks: null,
  variables: { LOG_LEVEL: 'a1' },
  node: null,
};
const OLD: ReleaseFacts = {
  release: '1.0.0-a',
  version: '1.0.0',
  definition: DEFINITION,
  secrets: { DATABASE_URL: 'd1' },
  packages: null,
  instances: [],
  uses: {},
  figures: null,
  answers: [],
};
const FRESH: ReleaseFacts = { ...OLD, release: '1.1.0-b', version: '1.1.0' };

interface Told {
  readonly log?: string;
  readonly fresh?: Partial<ReleaseFacts>;
  readonly old?: Partial<ReleaseFacts>;
  readonly facts?: Partial<Facts>;
  readonly file?: string;
}

function explained({ log = '', fresh = {}, old = {}, facts = {}, file }: Told): Diagnosis {
  return explain({
    facts: {
      at: '2026-11-25T10:00:00.000Z',
      fresh: { ...FRESH, ...fresh },
      old: { ...OLD, ...old },
      why: null,
      memoryLimitBytes: 500e6,
      slowMs: 1_000,
      errorStatuses: [],
      ...facts,
    },
    logs: { fresh: [{ source: 'new', text: log }], old: [] },
    context: { ...NO_CONTEXT, app: 'shop', environment: 'production', databaseSecret: 'DATABASE_URL' },
    ...(file === undefined ? {} : { file: () => file }),
  });
}

const texts = ({ causes: [best] }: Diagnosis): string[] => (best?.evidence ?? []).map(({ text }) => text);

test('a variable that the old release had is missing with more certainty, and the difference is evidence', () => {
  const log = '[error] MAIL_HOST is not set\n';
  const alone = explained({ log }).causes[0]?.confidence ?? 0;
  const removed = explained({ log, old: { definition: { ...DEFINITION, variables: { MAIL_HOST: 'x' } } } });
  expect(removed.causes[0]).toMatchObject({ cause: 'missing-variable' });
  expect(removed.causes[0]?.confidence).toBeGreaterThanOrEqual(alone);
  expect(texts(removed)).toContain('the old release had the variable MAIL_HOST, and 1.1.0-b has not');
  expect(texts(explained({ log }))).toContain('neither release was given MAIL_HOST; only the new one complains');
});

test("a changed secret of the database speaks for the database's refusal", () => {
  const log =
    'error: password authentication failed for user "app"\n    at x (/app/db.js:3:1) {\n  code: \'28P01\'\n}\n';
  const told = explained({ log, fresh: { secrets: { DATABASE_URL: 'd2' } } });
  expect(told.causes[0]).toMatchObject({ cause: 'wrong-credentials', confidence: 0.98 });
  expect(texts(told)).toContain('the secret DATABASE_URL has another value in 1.1.0-b than in the old release');
});

describe('where nothing else is found, what its spec says otherwise is a guess', () => {
  const expected = { status: [200], contains: null, type: null, header: {} };
  const health = { ...expected, path: '/health', everyMs: 1_000, timeoutMs: 1_000, startMs: 30_000 };
  const checks = { health, smoke: [] };
  const smoke = [{ ...expected, kind: 'get' as const, path: '/cart', timeoutMs: 1_000 }];

  test.each<[string, Partial<DefinitionFacts>, string]>([
    ['start', { start: ['node', 'main.js', 'key-of-somebody'] }, 'the start command changed'],
    ['directory', { directory: 'web' }, 'the folder that it starts in changed from "." to "web"'],
    ['instances', { instances: 3 }, 'the number of its instances changed from 1 to 3'],
    ['persistent', { persistent: ['data'] }, 'its persistent folders changed from [] to ["data"]'],
    ['graceMs', { graceMs: 500 }, 'the milliseconds that it has to end changed from 10000 to 500'],
    [
      'health.path',
      { checks: { ...checks, health: { ...health, path: '/up' } } },
      'the path of its health check changed from "/health" to "/up"',
    ],
    [
      'health.status',
      { checks: { ...checks, health: { ...health, status: [204] } } },
      'what its health check expects changed',
    ],
    ['smoke', { checks: { ...checks, smoke } }, 'its smoke requests changed'],
    ['node', { node: '>=22' }, 'the Node.js version that it asks for changed from null to ">=22"'],
  ])('%s', (_, change, text) => {
    const old = { definition: { ...DEFINITION, checks } };
    const told = explained({ old, fresh: { definition: { ...DEFINITION, checks, ...change } } });
    expect(told.causes[0]).toMatchObject({ cause: 'configuration-changed' });
    expect(texts(told)).toEqual([text]);
  });

  test('checks that an older version did not write down are no difference', () => {
    const told = explained({ old: { definition: DEFINITION }, fresh: { definition: { ...DEFINITION, checks } } });
    expect(told.causes).toEqual([]);
  });
});

describe('another version of a package', () => {
  const packages = (version: string) => ({
    file: 'package-lock.json',
    versions: { carts: version },
    direct: ['carts'],
  });
  const changed = { old: { packages: packages('1.4.0') }, fresh: { packages: packages('2.0.0') } };
  const log = 'TypeError: total is not a function\n    at checkout (/app/cart.js:3:10)\n';

  test.each([
    "const { total } = require('carts');",
    "import { total } from 'carts/totals';",
    "import carts, { sum as total } from 'carts';",
  ])('is the cause where the line that threw uses it: %s', (line) => {
    const told = explained({ ...changed, log, file: `${line}\n\n  return total(cart);\n` });
    expect(told.causes[0]).toMatchObject({
      cause: 'dependency-changed',
      remedy: { command: 'npm install carts@1.4.0' },
    });
    expect(told.causes[0]?.evidence.at(-1)).toMatchObject({
      source: 'package-lock.json',
      text: 'carts went from 1.4.0 to 2.0.0 (major)',
    });
  });

  test('is not, where that line uses something else', () => {
    const told = explained({
      ...changed,
      log,
      file: "const { total } = require('./totals');\n\n  return total(cart);\n",
    });
    expect(told.causes.map(({ cause }) => cause)).toEqual(['type-error']);
  });

  test('is where its own code threw', () => {
    const inside = 'TypeError: boom\n    at f (/app/node_modules/carts/index.js:9:1)\n    at g (/app/cart.js:1:1)\n';
    expect(explained({ ...changed, log: inside }).causes[0]?.cause).toBe('dependency-changed');
  });

  test('is the first guess where nothing else was found', () => {
    const { causes, looked } = explained(changed);
    expect(causes).toMatchObject([{ cause: 'dependency-changed', confidence: 0.3 }]);
    expect(looked.map(({ source }) => source)).toEqual(['new', 'runner', 'changes']);
  });
});

const figures = (routes: ReleaseFigures['routes'], change: Partial<ReleaseFigures> = {}): ReleaseFigures => ({
  requests: 100,
  inFlight: 0,
  streams: 0,
  statuses: { 200: 90, 404: 4, 500: 6 },
  connectErrors: 0,
  resets: 0,
  timeouts: 0,
  clientAborts: 0,
  slow: 0,
  latency: EMPTY,
  clients: 40,
  clientsWithErrors: 41,
  ...(routes === undefined ? {} : { routes }),
  ...change,
});
const ROUTES = { '/pay': { answers: 10, errors: 6 }, '/': { answers: 90, errors: 0 } };

test('errors of one route are evidence of a cause that is known, and else what there is to say', () => {
  const fresh = { figures: figures(ROUTES) };
  const known = explained({ log: '[error] PAY_KEY is not set\n', fresh });
  expect(known.causes.map(({ cause }) => cause)).toEqual(['missing-variable']);
  expect(texts(known)).toContain('/pay: 6 of 10 failed; all other routes: 0 of 90 failed');
  expect(explained({ fresh }).causes).toMatchObject([{ cause: 'failing-route', confidence: 0.35 }]);
});

test('the impact counts requests, routes and clients; the part is never more than the whole', () => {
  expect(explained({ fresh: { figures: figures(ROUTES) } }).impact).toEqual({
    requests: 100,
    failed: 6,
    clients: 40,
    clientsAffected: 40,
    routes: [
      { route: '/pay', requests: 10, failed: 6 },
      { route: '/', requests: 90, failed: 0 },
    ],
  });
  expect(explained({ facts: { errorStatuses: [404] }, fresh: { figures: figures(ROUTES) } }).impact?.failed).toBe(10);
  expect(explained({ fresh: { figures: figures({}, { statuses: {} }) } }).impact).toBeNull();
});

test('requests that hang are counted: as waiting while they do, and as failed when they were cut off', () => {
  const hung = figures({}, { statuses: {}, overdue: 3, inFlight: 4 });
  const { impact } = explained({ fresh: { figures: hung } });
  expect(impact).toMatchObject({ requests: 0, failed: 0, waiting: 3 });
  const last = { requests: 4, failed: 4, cut: 3 };
  expect(withLast(impact, last)).toMatchObject({ requests: 4, failed: 4, cut: 3 });
  expect(withLast(impact, last)).not.toHaveProperty('waiting');
  expect(withLast(null, last)).toMatchObject({ requests: 4, failed: 4, clients: null });
  expect(withLast(impact, undefined)).toBe(impact);
  expect(
    impactSentence({ requests: 61, failed: 0, waiting: 9, clients: null, clientsAffected: null, routes: [] }),
  ).toBe(
    '0 of 61 requests to the new release failed (0 %); 9 more have waited for an answer for longer than it may take',
  );
  expect(impactSentence({ requests: 70, failed: 9, cut: 9, clients: null, clientsAffected: null, routes: [] })).toBe(
    '9 of 70 requests to the new release failed (12.9 %), 9 of these had no answer when it was taken away and were cut off',
  );
});

test('memory that stands still, or grows as it did before, is no leak', () => {
  const uses = (bytes: (n: number) => number) => ({
    0: Array.from({ length: 30 }, (_, n) => ({ at: n * 1_000, cpu: 0.1, memoryBytes: bytes(n) })),
  });
  const [still, growing] = [uses((n) => 80e6 + (n % 5) * 4e6), uses((n) => 80e6 + n * 5e6)];
  expect(explained({ fresh: { uses: still } }).causes).toEqual([]);
  expect(explained({ fresh: { uses: growing }, old: { uses: growing } }).causes).toEqual([]);
  expect(explained({ fresh: { uses: growing }, old: { uses: still } }).causes).toMatchObject([
    { cause: 'memory-leak' },
  ]);
});

const RUNNING = {
  instance: 0,
  state: 'running' as const,
  pid: 7,
  port: 3000,
  restarts: 0,
  startedAt: 1,
  lastExit: null,
  cpu: null,
  memoryBytes: null,
};

test('what a log seems to say of port and health path is no cause where the instance answers there', () => {
  const log = [
    { stream: 'mvca', line: 'started with pid 7 for port 3000' },
    { stream: 'out', line: 'panel listening on port 9100' },
    { stream: 'out', line: 'GET /healthz 404' },
  ];
  const given = log.map((line) => JSON.stringify({ at: null, instance: 0, ...line })).join('\n');
  const causesOf = (status: number | null, listening: readonly number[]) =>
    explained({
      log: given,
      fresh: {
        instances: [RUNNING],
        answers: [
          {
            instance: 0,
            health: { path: '/up', status, code: status === null ? 'ECONNRESET' : null, ms: 4 },
            root: { path: '/', status, code: status === null ? 'ECONNRESET' : null, ms: 4 },
            listening,
          },
        ],
      },
    }).causes.map(({ cause }) => cause);
  expect(causesOf(200, [3000, 9100])).toEqual([]);
  expect(causesOf(null, [3000, 9100])).not.toContain('wrong-port');
  expect(causesOf(null, [9100])).toEqual(expect.arrayContaining(['wrong-port', 'health-path']));
});

describe('an instance that gives no answer', () => {
  const silentWith = (main: MainThread | null | undefined, uses: Facts['fresh']['uses'] = {}) =>
    explained({
      fresh: {
        instances: [RUNNING],
        uses,
        answers: [
          {
            instance: 0,
            health: { path: '/', status: null, code: 'ETIMEDOUT', ms: 1_500 },
            root: { path: '/', status: null, code: 'ETIMEDOUT', ms: 1_500 },
            listening: [3000],
            ...(main === undefined ? {} : { main }),
          },
        ],
      },
    }).causes.map(({ cause, title }) => [cause, title]);
  const waits = 'instance 0 takes connections and gives no answer';

  test.each<[string, MainThread | null | undefined, string, string]>([
    ['computes', { ran: 0.99, waited: 0.01 }, 'event-loop-blocked', 'its event loop is blocked'],
    [
      'wants to compute and gets a tenth of a core',
      { ran: 0.1, waited: 0.88 },
      'event-loop-blocked',
      'gets it for 10 % of the time, and answers late or not at all: its event loop is blocked, or this machine is too busy for it',
    ],
    ['hardly wants the processor', { ran: 0.01, waited: 0.02 }, 'hanging', 'hardly wants the processor'],
    ['does something of both', { ran: 0.2, waited: 0.3 }, 'hanging', waits],
    ['was not measured', null, 'hanging', waits],
    ['was not measured by an older version', undefined, 'hanging', waits],
  ])('%s', (_, main, cause, title) => {
    const [[told, words] = []] = silentWith(main);
    expect(told).toBe(cause);
    expect(words).toMatch(new RegExp(`${title}${title === waits ? '$' : ''}`));
  });

  test('by samples of the runner: what it wanted counts, and not what it got', () => {
    const samples = (main: MainThread | null) =>
      [1, 2, 3].map((at) => ({ at, cpu: 0.1, memoryBytes: 5, ...(main === null ? {} : { main }) }));
    expect(silentWith(null, { 0: samples({ ran: 0.1, waited: 0.9 }) })[0]?.[0]).toBe('event-loop-blocked');
    expect(silentWith(null, { 0: samples({ ran: 0.1, waited: 0 }) })[0]?.[0]).toBe('hanging');
    expect(silentWith({ ran: 0, waited: 0 }, { 0: samples({ ran: 1, waited: 0 }) })[0]?.[0]).toBe('hanging');
  });
});

test('a release that is killed from outside again and again ran out of memory', () => {
  const status = {
    instance: 0,
    state: 'backing-off' as const,
    pid: null,
    port: 4100,
    restarts: 3,
    startedAt: 1,
    lastExit: { code: null, signal: 'SIGKILL', at: 1_000 },
    cpu: null,
    memoryBytes: null,
  };
  const told = explained({ fresh: { instances: [status] } });
  expect(told.causes[0]).toMatchObject({ cause: 'out-of-memory' });
  expect(texts(told)).toContain('instance 0 was ended by SIGKILL, and was started again 3 times');
});

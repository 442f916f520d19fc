import { copyFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Pool } from 'pg';
import type { RecordRequest } from '../../../activities/record-query';
import { createRecords } from '../../../activities/records';
import type { Records } from '../../../activities/records';
import { migrateRecords } from '../../../activities/records/migrate';
import type { AuditEntry } from '../../../domain/audit';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { AuditRow, DeploymentRow, ReportPlace } from '../../../domain/records';
import { ROLLED_BACK, WAITING } from '../../domain/reports/deployment';
import { startServer, writeMigrations } from './database';
import type { TestServer } from './database';

const SCHEMA = path.join(__dirname, '../../../activities/records/schema');

let server: TestServer;
let pool: Pool;
let records: Records;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

beforeEach(async () => {
  pool = await server.fresh();
  records = createRecords({
    pool,
    findReport: async ({ run }) => `/reports/${run}`,
    knownHeads: async () => [],
    machineKey: async () => '',
  });
});

describe('record', () => {
  test('writes all tables from one status', async () => {
    await records.record(request(ROLLED_BACK, [entry(1)]));
    expect(await counts()).toEqual({ deployments: 1, steps: 5, releases: 2, approvals: 2, findings: 2, audit: 1 });
    expect((await pool.query('SELECT person, accepted FROM mvca.approvals ORDER BY place')).rows).toEqual([
      { person: 'ana', accepted: false },
      { person: 'bo', accepted: true },
    ]);
  });

  test('changes nothing when it is repeated', async () => {
    const all = request(ROLLED_BACK, [entry(1), entry(2)]);
    await records.record(all);
    const before = await everything();
    await records.record(all);
    await records.record(request(ROLLED_BACK, [entry(2)]));
    expect(await everything()).toEqual(before);
  });

  test('adds what is new of entries that overlap', async () => {
    await records.record(request(WAITING, [entry(1), entry(2)]));
    await records.record(request(WAITING, [entry(2), entry(3)]));
    expect((await counts()).audit).toBe(3);
  });

  test('refuses other content under the same key for good, and keeps what was there', async () => {
    await records.record(request(WAITING, [entry(1)]));
    const other = request(ROLLED_BACK, [{ ...entry(1), summary: 'something else' }]);
    await expect(records.record(other)).rejects.toMatchObject({ type: 'RecordsDiffer', nonRetryable: true });
    expect((await deployments())[0]).toMatchObject({ outcome: null });
  });

  test('lets an older status that comes late add its entries, and no more', async () => {
    await records.record(request(ROLLED_BACK, [entry(5)]));
    await records.record(request(WAITING, [entry(3)]));
    expect((await deployments())[0]).toMatchObject({ outcome: 'rolled-back' });
    expect(await counts()).toMatchObject({ releases: 2, audit: 2 });
  });

  test('keeps what is no text for PostgreSQL as near as it can', async () => {
    await records.record(request({ ...WAITING, reason: 'a\0b', requester: "ana'); DROP TABLE mvca.audit; --" }, []));
    expect((await deployments())[0]).toMatchObject({
      reason: 'a\uFFFDb',
      requester: "ana'); DROP TABLE mvca.audit; --",
    });
  });
});

describe('reading', () => {
  test('lists deployments of one app or of all, the newest first, with the seconds they took', async () => {
    await records.record(request(ROLLED_BACK, []));
    await records.record(request({ ...WAITING, run: 'later', startedAt: '2026-11-23T15:00:00.000Z' }, []));
    await records.record(request({ ...WAITING, app: 'blog', deployment: 'deploy/blog' }, []));
    expect(await deployments()).toMatchObject([
      { run: 'later', outcome: null, endedAt: null, seconds: null },
      { outcome: 'rolled-back', endedAt: '2026-11-23T14:03:21.000Z', seconds: 201 },
    ]);
    expect(await records.inspectRecords({ kind: 'deployments', app: null, limit: 2 })).toHaveLength(2);
  });

  test('lists the audit log, the newest row first', async () => {
    await records.record(request(WAITING, [entry(1), entry(2)]));
    const rows = (await records.inspectRecords({ kind: 'audit', app: 'shop', limit: 10 })) as AuditRow[];
    expect(rows.map(({ row, actor, action, summary }) => ({ row, actor, action, summary }))).toEqual([
      { row: 2, actor: 'ana', action: 'step.succeeded', summary: 'step 2' },
      { row: 1, actor: 'ana', action: 'step.succeeded', summary: 'step 1' },
    ]);
  });

  test('finds the newest report of an app and of a version', async () => {
    await records.record(request(ROLLED_BACK, []));
    const later = {
      ...ROLLED_BACK,
      run: 'later',
      version: '1.3.0',
      startedAt: '2026-11-23T15:00:00.000Z',
      report: '/r',
    };
    await records.record(request(later, []));
    expect(await report(null)).toMatchObject({ version: '1.3.0', folder: '/r' });
    expect(await report('1.2.0')).toMatchObject({ version: '1.2.0', folder: `/reports/${ROLLED_BACK.run}` });
    expect(await report('9.9.9')).toBeNull();
  });

  test('knows how long phases took in successful deployments only, the newest first', async () => {
    for (const [run, seconds] of [10, 20, 30].entries()) await records.record(request(succeeded(run, seconds), []));
    await records.record(request({ ...ROLLED_BACK, startedAt: '2026-11-23T18:00:00.000Z' }, []));
    expect(await records.readHistory({ app: 'shop' })).toMatchObject({ phases: { watch: [30, 20, 10] } });
    expect(await records.readHistory({ app: 'blog' })).toEqual({ phases: {}, timings: {} });
  });

  test('takes at most the last 20 deployments', async () => {
    for (let run = 0; run < 22; run += 1) await records.record(request(succeeded(run, run), []));
    const { phases } = await records.readHistory({ app: 'shop' });
    expect(phases['watch']).toEqual(Array.from({ length: 20 }, (_, index) => 21 - index));
  });
});

const schemaFiles = async (): Promise<string[]> => (await readdir(SCHEMA)).sort();

describe('the schema', () => {
  test('is made once by several that start at once', async () => {
    await Promise.all([migrateRecords(pool), migrateRecords(pool), migrateRecords(pool)]);
    expect((await pool.query('SELECT name FROM mvca.schema ORDER BY version')).rows).toEqual(
      (await schemaFiles()).map((name) => ({ name })),
    );
  });

  test('of a newer version is refused with words, and nothing is changed', async () => {
    await migrateRecords(pool);
    await pool.query(`INSERT INTO mvca.schema (version, name) VALUES (999, '999-something.sql')`);
    await expect(records.record(request(WAITING, [entry(1)]))).rejects.toMatchObject({
      type: 'RecordsSchema',
      nonRetryable: true,
      message: expect.stringContaining('999-something.sql'),
    });
    expect((await counts()).audit).toBe(0);
  });

  test('is carried over from an older version', async () => {
    const older = await writeMigrations({});
    await copyFile(path.join(SCHEMA, '001-records.sql'), path.join(older, '001-records.sql'));
    expect(await migrateRecords(pool, older)).toBe(1);
    expect(await migrateRecords(pool)).toBe((await schemaFiles()).length);
    await rm(older, { recursive: true });
  });

  test('is as it was when a change of it fails', async () => {
    const broken = await writeMigrations({
      '001-one.sql': 'CREATE TABLE mvca.one (n int)',
      '002-two.sql': 'CREATE TABLE mvca.one (n int)',
    });
    await expect(migrateRecords(pool, broken)).rejects.toThrow('already exists');
    await expect(pool.query('SELECT * FROM mvca.one')).rejects.toThrow('does not exist');
    await rm(broken, { recursive: true });
  });
});

test('while PostgreSQL is away every call is a retryable failure, and afterwards all is well', async () => {
  await records.record(request(WAITING, [entry(1)]));
  await server.halt();
  const away = { type: 'RecordsUnavailable', nonRetryable: false, message: expect.stringContaining('PostgreSQL said') };
  await expect(records.record(request(WAITING, [entry(2)]))).rejects.toMatchObject(away);
  await expect(records.readHistory({ app: 'shop' })).rejects.toMatchObject(away);
  await server.start();
  await records.record(request(WAITING, [entry(2)]));
  expect((await counts()).audit).toBe(2);
});

describe('while PostgreSQL takes connections and answers nothing', () => {
  const silent = {
    type: 'RecordsUnavailable',
    nonRetryable: true,
    message: expect.stringMatching(
      /^the records cannot be read: PostgreSQL \(database test_\d+ at .+:\d+\) gave no answer within [58] s; .* Next: look with `mvca doctor`/,
    ) as string,
  };
  afterEach(() => server.thaw());

  test.each([
    ['on a connection that is there', async () => records.record(request(WAITING, [entry(1)]))],
    ['on a new connection', async () => undefined],
  ])('a read that a person waits for ends within its time, %s, and afterwards all is well', async (_where, before) => {
    await before();
    await server.freeze();
    const begun = performance.now();
    await expect(deployments()).rejects.toMatchObject(silent);
    expect(performance.now() - begun).toBeLessThan(9_500);
    await server.thaw();
    expect(await deployments()).toEqual(expect.any(Array));
  });

  test('whether production is frozen is unknown, with the reason', async () => {
    await records.record(request(WAITING, [entry(1)]));
    await server.freeze();
    const standing = await records.freezeStanding({ app: 'shop', known: null });
    expect(standing).toEqual({ kind: 'unknown', reason: silent.message });
  });
});

function entry(sequence: number): AuditEntry {
  const at = '2026-11-23T14:00:00.000Z';
  return {
    sequence,
    at,
    actor: 'ana',
    action: 'step.succeeded',
    environment: 'staging',
    summary: `step ${sequence}`,
    facts: { step: 'start' },
  };
}

const request = (status: DeploymentStatus, entries: readonly AuditEntry[]): RecordRequest => ({
  deployment: status.deployment,
  run: status.run,
  app: status.app,
  entries,
  status,
});

const succeeded = (run: number, seconds: number): DeploymentStatus => ({
  ...ROLLED_BACK,
  run: `run-${run}`,
  startedAt: new Date(Date.UTC(2026, 10, 23, 15, run)).toISOString(),
  outcome: 'succeeded',
  phases: [
    { phase: 'build', state: 'skipped', startedAt: null, seconds: 0, summary: '' },
    { phase: 'watch', state: 'succeeded', startedAt: null, seconds, summary: '' },
  ],
});

async function deployments(): Promise<DeploymentRow[]> {
  return (await records.inspectRecords({ kind: 'deployments', app: 'shop', limit: 10 })) as DeploymentRow[];
}

async function report(version: string | null): Promise<ReportPlace | null> {
  return (await records.inspectRecords({ kind: 'report', app: 'shop', version })) as ReportPlace | null;
}

const TABLES = ['deployments', 'steps', 'releases', 'approvals', 'findings', 'audit'] as const;

async function everything(): Promise<readonly unknown[]> {
  return Promise.all(
    TABLES.map(async (table) => {
      const { rows } = await pool.query<object>(`SELECT * FROM mvca.${table} ORDER BY 1, 2, 3`);
      return rows;
    }),
  );
}

async function counts(): Promise<Record<string, number>> {
  const found = await Promise.all(
    TABLES.map(async (table) => [table, (await pool.query(`SELECT FROM mvca.${table}`)).rowCount] as const),
  );
  return Object.fromEntries(found) as Record<string, number>;
}

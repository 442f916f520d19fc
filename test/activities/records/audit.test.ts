import type { Pool } from 'pg';
import { createRecords } from '../../../activities/records';
import type { Records } from '../../../activities/records';
import type { RecordRequest } from '../../../activities/record-query';
import { hashOf } from '../../../system/audit/chain';
import { listAudit } from '../../../activities/records/audit/list';
import type { AuditEntry } from '../../../domain/audit';
import type { AuditVerification, KnownHead } from '../../../domain/records';
import { WAITING } from '../../domain/reports/deployment';
import { startServer } from './database';
import type { TestServer } from './database';

let server: TestServer;
let pool: Pool;
let records: Records;
let known: KnownHead[];

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

beforeEach(async () => {
  pool = await server.fresh();
  known = [];
  records = createRecords({
    pool,
    findReport: async () => null,
    knownHeads: async () => known,
    machineKey: async () => '',
  });
  await records.record(request([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((sequence) => entry(sequence))));
});

test('a chain that nobody touched is whole', async () => {
  expect(await verify()).toMatchObject({ ok: true, rows: 10, firstBad: null, head: { rows: 10 } });
});

test.each(['UPDATE mvca.audit SET actor = actor', 'DELETE FROM mvca.audit', 'TRUNCATE mvca.audit'])(
  '%s is refused by the database',
  async (statement) => {
    await expect(pool.query(statement)).rejects.toThrow('append-only');
  },
);

test.each(['UPDATE mvca.audit_head SET rows = 3', 'DELETE FROM mvca.audit_head', 'TRUNCATE mvca.audit_head'])(
  '%s is refused by the database',
  async (statement) => {
    await expect(pool.query(statement)).rejects.toThrow(/append-only|only grows/);
  },
);

test.each([
  ['an actor', `UPDATE mvca.audit SET actor = 'bo' WHERE row = 4`],
  ['a fact', `UPDATE mvca.audit SET facts = facts || '{"n": 41}' WHERE row = 4`],
  ['a time', `UPDATE mvca.audit SET at = '2026-11-23T14:00:00.004Z ' WHERE row = 4`],
  ['a key', `UPDATE mvca.audit SET sequence = 400 WHERE row = 4`],
  ['a hash', `UPDATE mvca.audit SET hash = repeat('a', 64) WHERE row = 4`],
  ['a link', `UPDATE mvca.audit SET previous = repeat('a', 64) WHERE row = 4`],
])('an edit of %s names its row', async (_what, statement) => {
  await tamper(statement);
  expect((await verify()).firstBad).toEqual({ row: 4, why: expect.stringContaining('row 4 was changed') });
});

test('an edit with its hash made anew is seen at the row after it', async () => {
  const row = (await listAudit(pool, null, 10)).find((one) => one.row === 4);
  if (row === undefined) throw new Error('row 4 was not read');
  const { hash: _old, ...content } = row;
  await tamper(`UPDATE mvca.audit SET actor = 'bo', hash = $1 WHERE row = 4`, [hashOf({ ...content, actor: 'bo' })]);
  expect((await verify()).firstBad).toEqual({ row: 5, why: expect.stringContaining('does not follow row 4') });
});

test('a deletion in the middle names the missing rows', async () => {
  await tamper('DELETE FROM mvca.audit WHERE row IN (3, 4)');
  expect(await verify()).toMatchObject({ ok: false, rows: 8, firstBad: { row: 3, why: 'rows 3 to 4 are missing' } });
});

test('a deletion at the beginning names the first row', async () => {
  await tamper('DELETE FROM mvca.audit WHERE row = 1');
  expect((await verify()).firstBad).toEqual({ row: 1, why: 'row 1 is missing' });
});

test('a swap of two rows names the first of them', async () => {
  await tamper('UPDATE mvca.audit SET row = CASE row WHEN 6 THEN 7 ELSE 6 END + 1000 WHERE row IN (6, 7)');
  await tamper('UPDATE mvca.audit SET row = row - 1000 WHERE row > 1000');
  expect((await verify()).firstBad).toMatchObject({ row: 6 });
});

test('a tail that was cut off is seen through the head', async () => {
  await tamper('DELETE FROM mvca.audit WHERE row > 8');
  expect((await verify()).firstBad).toEqual({ row: 9, why: 'rows 9 to 10 are missing at the end' });
});

test('a truncated log is seen through the head', async () => {
  await tamper('DELETE FROM mvca.audit');
  expect((await verify()).firstBad).toEqual({ row: 1, why: 'rows 1 to 10 are missing at the end' });
});

test('a head that was taken away is seen', async () => {
  await tamper('DELETE FROM mvca.audit_head');
  expect((await verify()).firstBad).toEqual({ row: 0, why: 'the head of the log is missing' });
});

test('a fork that was added past the head is seen', async () => {
  await tamper(`INSERT INTO mvca.audit SELECT 11, app, deployment, run, 11, at, 'bo', action, environment, summary, facts, previous, hash
    FROM mvca.audit WHERE row = 10`);
  expect((await verify()).firstBad).toMatchObject({ row: 11 });
});

test('a log that was written anew, head and all, is seen by a head that a report carries', async () => {
  known = [{ ...(await records.auditHead()), from: 'the report of shop 1.2.0' }];
  expect(await verify()).toMatchObject({ ok: true, compared: 1 });
  await tamper('DELETE FROM mvca.audit');
  await tamper(`UPDATE mvca.audit_head SET rows = 0, hash = repeat('0', 64)`);
  await records.record(request([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((sequence) => entry(sequence, 'bo'))));
  expect((await verify()).firstBad).toEqual({ row: 10, why: expect.stringContaining('the report of shop 1.2.0') });
});

test('a log that was cut, head and all, is seen by a head that a report carries', async () => {
  known = [{ ...(await records.auditHead()), from: 'the report of shop 1.2.0' }];
  await tamper('DELETE FROM mvca.audit WHERE row > 7');
  await tamper('UPDATE mvca.audit_head SET rows = 7, hash = (SELECT hash FROM mvca.audit WHERE row = 7)');
  expect((await verify()).firstBad).toEqual({ row: 8, why: expect.stringContaining('the report of shop 1.2.0') });
});

test('what is appended by many at once is one chain', async () => {
  const runs = Array.from({ length: 20 }, (_, run) => ({ ...request([entry(1), entry(2)]), run: `run-${run}` }));
  await Promise.all(runs.map((one) => records.record(one)));
  expect(await verify()).toMatchObject({ ok: true, rows: 50 });
});

test('text that PostgreSQL cannot keep is kept as near as it can be, and verifies', async () => {
  const odd = { ...entry(11), summary: 'a\0b \uD800 c \u{1F600}', facts: { 'n o': 0.1 + 0.2, big: 1e21, no: null } };
  await records.record(request([odd]));
  await records.record(request([odd]));
  expect(await verify()).toMatchObject({ ok: true, rows: 11 });
  expect((await listAudit(pool, 'shop', 1))[0]?.summary).toBe('a\uFFFDb \uFFFD c \u{1F600}');
});

function entry(sequence: number, actor = 'ana'): AuditEntry {
  const at = `2026-11-23T14:00:00.${String(sequence).padStart(3, '0')}Z`;
  return {
    sequence,
    at,
    actor,
    action: 'step.succeeded',
    environment: 'staging',
    summary: `step ${sequence}`,
    facts: { n: sequence },
  };
}

function request(entries: readonly AuditEntry[]): RecordRequest {
  return { deployment: 'deploy/shop', run: 'run', app: 'shop', entries, status: WAITING };
}

async function verify(): Promise<AuditVerification> {
  return (await records.inspectRecords({ kind: 'verify-audit' })) as AuditVerification;
}

/** What an owner of the database can do: the triggers off, and on again. */
async function tamper(statement: string, values: unknown[] = []): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    await client.query(statement, values);
  } finally {
    await client.query('RESET session_replication_role');
    client.release();
  }
}

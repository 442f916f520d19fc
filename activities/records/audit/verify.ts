/** Reads the whole audit log and names the first row that is not as it was written. */
import type { PoolClient } from 'pg';
import type { Pool } from 'pg';
import type { AuditHead, AuditRow, AuditVerification, KnownHead } from '../../../domain/records';
import { inTransaction } from '../database';
import { BEGINNING, hashOf } from './chain';
import { AUDIT_COLUMNS } from './list';

const BATCH = 1_000;

type Bad = NonNullable<AuditVerification['firstBad']>;

/**
 * Compares every row with its hash, with the row before, with the head, and with the heads that reports carry. It looks at one moment of
 * the log, so that what is appended meanwhile is no alarm.
 */
export async function verifyAudit(pool: Pool, known: readonly KnownHead[] = []): Promise<AuditVerification> {
  return inTransaction(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async (client) => {
    const head = await readHead(client);
    const walked = await walk(client, known);
    const firstBad =
      walked.bad ?? (head === null ? noHead() : againstHead(walked.last, head)) ?? beyond(walked.last, known);
    return {
      ok: firstBad === null,
      rows: walked.count,
      firstBad,
      head: head ?? { rows: walked.last.rows, hash: walked.last.hash },
      compared: known.length,
    };
  });
}

/** The head as it is; null when somebody took it away. */
export async function readHead(client: Pick<PoolClient, 'query'>): Promise<AuditHead | null> {
  const { rows } = await client.query<{ rows: string; hash: string }>('SELECT rows, hash FROM mvca.audit_head');
  return rows[0] === undefined ? null : { rows: Number(rows[0].rows), hash: rows[0].hash };
}

interface Walked {
  readonly bad: Bad | null;
  /** The last row that was read. */
  readonly last: AuditHead;
  readonly count: number;
}

async function walk(client: PoolClient, known: readonly KnownHead[]): Promise<Walked> {
  const { rows } = await client.query<{ count: string }>('SELECT count(*) AS count FROM mvca.audit');
  const count = Number(rows[0]?.count);
  let last: AuditHead = { rows: 0, hash: BEGINNING };
  for (;;) {
    const batch = await nextRows(client, last.rows);
    for (const row of batch) {
      const why = wrong(last, row) ?? againstKnown(row, known);
      if (why !== null) return { bad: { row: Math.min(row.row, last.rows + 1), why }, last, count };
      last = { rows: row.row, hash: row.hash };
    }
    if (batch.length < BATCH) return { bad: null, last, count };
  }
}

async function nextRows(client: PoolClient, after: number): Promise<readonly AuditRow[]> {
  const { rows } = await client.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM mvca.audit WHERE row > $1 ORDER BY row LIMIT ${BATCH}`,
    [after],
  );
  return rows;
}

function wrong(last: AuditHead, row: AuditRow): string | null {
  const expected = last.rows + 1;
  if (row.row > expected) return missing(expected, row.row - 1);
  if (row.row < expected) return `row ${row.row} stands before the beginning`;
  const { hash, ...content } = row;
  if (hashOf(content) !== hash)
    return `row ${row.row} was changed: its content does not have the hash that it was written with`;
  return row.previous === last.hash
    ? null
    : `row ${row.row} does not follow row ${last.rows}: one of the two was put in the place of another`;
}

const missing = (from: number, to: number): string =>
  from === to ? `row ${from} is missing` : `rows ${from} to ${to} are missing`;

function againstKnown(row: AuditRow, known: readonly KnownHead[]): string | null {
  const other = known.find((head) => head.rows === row.row && head.hash !== row.hash);
  return other === undefined ? null : `row ${row.row} is another than ${other.from} says: the log was written anew`;
}

function againstHead(last: AuditHead, head: AuditHead): Bad | null {
  if (last.rows < head.rows) return { row: last.rows + 1, why: `${missing(last.rows + 1, head.rows)} at the end` };
  if (last.rows > head.rows)
    return { row: head.rows + 1, why: `row ${head.rows + 1} was added past the head, which says ${head.rows} rows` };
  return last.hash === head.hash ? null : { row: last.rows, why: `row ${last.rows} is another than the head says` };
}

const noHead = (): Bad => ({ row: 0, why: 'the head of the log is missing' });

function beyond(last: AuditHead, known: readonly KnownHead[]): Bad | null {
  const longer = known.find((head) => head.rows > last.rows);
  return longer === undefined
    ? null
    : { row: last.rows + 1, why: `${missing(last.rows + 1, longer.rows)}: ${longer.from} says ${longer.rows} rows` };
}

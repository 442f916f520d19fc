/** Reads the whole audit log and names the first row that is not as it was written. */
import type { PoolClient } from 'pg';
import type { Pool } from 'pg';
import type { AuditHead, AuditRow, AuditVerification, KnownHead, ReportGone } from '../../../domain/records';
import { createAuditWalk, type AuditWalk } from '../../../system/audit/walk';
import { inTransaction } from '../database';
import { AUDIT_COLUMNS } from './list';

const BATCH = 1_000;

export interface Beside {
  /** Heads that reports and anchors carry. */
  readonly known?: readonly KnownHead[];
  /** Which of the reports that the log says were written on this machine are gone. */
  readonly findGone?: (written: readonly ReportGone[]) => Promise<readonly ReportGone[]>;
}

/**
 * Compares every row with its hash, with the row before, with its signature, with the head, and with the heads from elsewhere. It looks at
 * one moment of the log, so that what is appended meanwhile is no alarm.
 */
export async function verifyAudit(
  pool: Pool,
  { known = [], findGone = async () => [] }: Beside = {},
): Promise<AuditVerification> {
  return inTransaction(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async (client) => {
    const head = await readHead(client);
    const { rows } = await client.query<{ count: string }>('SELECT count(*) AS count FROM mvca.audit');
    const walk = createAuditWalk({ known });
    const written = await walkThrough(client, walk);
    const found = walk.end(head);
    const gone = await findGone(written);
    return { ...found, ok: found.firstBad === null && gone.length === 0, rows: Number(rows[0]?.count), gone };
  });
}

/** The head as it is; null when somebody took it away. */
export async function readHead(client: Pick<PoolClient, 'query'>): Promise<AuditHead | null> {
  const { rows } = await client.query<{ rows: string; hash: string }>('SELECT rows, hash FROM mvca.audit_head');
  return rows[0] === undefined ? null : { rows: Number(rows[0].rows), hash: rows[0].hash };
}

/** Answers the reports that were written. */
async function walkThrough(client: PoolClient, walk: AuditWalk): Promise<readonly ReportGone[]> {
  const written: ReportGone[] = [];
  for (let after = 0; ;) {
    const batch = await rowsAfter(client, after, BATCH);
    for (const row of batch) {
      if (!walk.next(row)) return written;
      if (row.action === 'report.written') written.push({ row: row.row, folder: row.summary });
      after = row.row;
    }
    if (batch.length < BATCH) return written;
  }
}

/** The next rows, oldest first. */
export async function rowsAfter(
  client: Pick<PoolClient, 'query'>,
  after: number,
  limit: number,
): Promise<readonly AuditRow[]> {
  const { rows } = await client.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM mvca.audit WHERE row > $1 ORDER BY row LIMIT $2`,
    [after, limit],
  );
  return rows;
}

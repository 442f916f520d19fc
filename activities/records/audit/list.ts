/** Reads the audit log for people. */
import type { Pool } from 'pg';
import type { AuditRow } from '../../../domain/records';

/** In the types of `AuditRow`: `bigint` would come as text. */
export const AUDIT_COLUMNS =
  'row::float8 AS row, app, deployment, run, sequence::float8 AS sequence, at, actor, action, environment, summary, facts, previous, hash';

/** The newest rows, newest first, of one app or of all (null). */
export async function listAudit(pool: Pool, app: string | null, limit: number): Promise<readonly AuditRow[]> {
  const { rows } = await pool.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM mvca.audit WHERE $1::text IS NULL OR app = $1 ORDER BY mvca.audit.row DESC LIMIT $2`,
    [app, limit],
  );
  return rows;
}

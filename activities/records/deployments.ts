/** Past and running deployments, read for people. */
import type { Pool } from 'pg';
import type { DeploymentRow, ReportPlace } from '../../domain/records';

interface StoredRow extends Omit<DeploymentRow, 'startedAt' | 'endedAt' | 'seconds'> {
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** The newest first, of one app or of all (null). */
export async function listDeployments(
  pool: Pool,
  app: string | null,
  limit: number,
): Promise<readonly DeploymentRow[]> {
  const { rows } = await pool.query<StoredRow>(
    `SELECT deployment, run, app, version, kind, requester, started_at AS "startedAt", ended_at AS "endedAt", phase, environment,
            outcome, reason, report
       FROM mvca.deployments WHERE $1::text IS NULL OR app = $1 ORDER BY started_at DESC, run LIMIT $2`,
    [app, limit],
  );
  return rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    seconds: row.endedAt === null ? null : (row.endedAt.getTime() - row.startedAt.getTime()) / 1000,
  }));
}

/** The newest deployment of the app (and version, where one is named); null when there was none. */
export async function newestReport(pool: Pool, app: string, version: string | null): Promise<ReportPlace | null> {
  const { rows } = await pool.query<ReportPlace>(
    `SELECT app, version, deployment, run, outcome, report AS folder FROM mvca.deployments
      WHERE app = $1 AND ($2::text IS NULL OR version = $2) ORDER BY started_at DESC, run LIMIT 1`,
    [app, version],
  );
  return rows[0] ?? null;
}

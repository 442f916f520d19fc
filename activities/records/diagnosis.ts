/** Why a past deployment failed, as its last status says. */
import type { Pool } from 'pg';
import type { StoredDiagnosis } from '../../domain/records';

/** @param of an application, a workflow, a run or a version; null when there is no such deployment */
export async function readDiagnosis(
  pool: Pool,
  { of, preferred }: { readonly of: string; readonly preferred: string | null },
): Promise<StoredDiagnosis | null> {
  const { rows } = await pool.query<StoredDiagnosis>(
    `SELECT app, version, deployment, run, outcome, reason, environment, status->'diagnosis' AS diagnosis
       FROM mvca.deployments WHERE $1 IN (app, deployment, run, version)
      ORDER BY (app = $1) DESC, (app = $2::text) DESC NULLS LAST, started_at DESC, run LIMIT 1`,
    [of, preferred],
  );
  return rows[0] ?? null;
}

/** How earlier deployments of a version, or of a source, ended. */
import type { Pool } from 'pg';
import type { PastDeployment } from '../../domain/plan/past';
import { TIERS } from '../../domain/words';
import type { PastQuery } from '../record-query';

interface Row extends Omit<PastDeployment, 'environments' | 'endedAt'> {
  readonly environments: readonly string[];
  readonly endedAt: Date;
}

/** Newest first. A rollback counts for the version that it left. */
export async function readPast(pool: Pool, { app, version, source }: PastQuery): Promise<readonly PastDeployment[]> {
  const { rows } = await pool.query<Row>(
    `SELECT kind, outcome, requester, reason, ended_at AS "endedAt",
            CASE kind WHEN 'deploy' THEN version ELSE status->'leaves'->>'version' END AS version,
            CASE kind WHEN 'deploy' THEN coalesce(jsonb_path_query_array(status, '$.plan.environments[*].environment'), '[]')
                      ELSE jsonb_build_array(environment) END AS environments,
            status->>'failure' AS failure,
            jsonb_path_exists(status, '$.steps[*] ? (@.environment == $last && @.step starts with "shift")',
                              jsonb_build_object('last', status->'plan'->'environments'->-1->'environment')) AS "metUsers"
       FROM mvca.deployments
      WHERE app = $1 AND ended_at IS NOT NULL
        AND CASE kind WHEN 'deploy' THEN outcome IN ('succeeded', 'rolled-back', 'rollback-failed') AND (version = $2 OR source = $3)
                      ELSE outcome = 'succeeded' AND status->'leaves'->>'version' = $2 END
      ORDER BY started_at DESC LIMIT 100`,
    [app, version, source],
  );
  return rows.map((row) => ({
    ...row,
    endedAt: row.endedAt.toISOString(),
    environments: TIERS.filter((tier) => row.environments.includes(tier)),
  }));
}

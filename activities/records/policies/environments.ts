/** The environments that deployments were admitted with, as the worker read them. */
import type { Pool, PoolClient } from 'pg';
import type { Tier } from '../../../domain/words';
import type { AdmissionRequest, KeptSpec } from '../../record-query';

/** May be repeated. */
export async function keepEnvironments(
  client: PoolClient,
  { app, run, at, specs = [], notify = [] }: AdmissionRequest,
): Promise<void> {
  for (const spec of specs)
    await client.query(
      `INSERT INTO mvca.environments (app, environment, run, recorded_at, spec, notify) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [app, spec.name, run, at, JSON.stringify(spec), JSON.stringify(notify)],
    );
}

/** That of the newest deployment with a release of its own there, else of the newest that was admitted; null: none is kept. */
export async function readEnvironmentKept(pool: Pool, app: string, environment: Tier): Promise<KeptSpec | null> {
  const { rows } = await pool.query<KeptSpec>(
    `SELECT kept.spec AS environment, kept.notify
       FROM mvca.environments AS kept
      WHERE kept.app = $1 AND kept.environment = $2
      ORDER BY EXISTS (
                 SELECT 1 FROM mvca.releases AS own
                  WHERE own.run = kept.run AND own.environment = kept.environment AND right(own.release, 8) = right(kept.run, 8)
               ) DESC,
               kept.recorded_at DESC
      LIMIT 1`,
    [app, environment],
  );
  return rows[0] ?? null;
}

/** How long phases took before, from the application's own deployments. */
import type { Pool } from 'pg';
import type { History } from '../contract';

const DEPLOYMENTS = 20;

/** Of the last 20 successful deployments, newest first. A phase that did not succeed or was skipped says nothing about time. */
export async function readPhaseTimes(pool: Pool, app: string): Promise<History> {
  const { rows } = await pool.query<{ phase: string; seconds: number[] }>(
    `SELECT phase->>'phase' AS phase, array_agg((phase->>'seconds')::float8 ORDER BY started_at DESC) AS seconds
       FROM (SELECT started_at, status FROM mvca.deployments
              WHERE app = $1 AND kind = 'deploy' AND outcome = 'succeeded' ORDER BY started_at DESC LIMIT ${DEPLOYMENTS}) AS last,
            jsonb_array_elements(status->'phases') AS phase
      WHERE phase->>'state' = 'succeeded' AND phase->>'seconds' IS NOT NULL
      GROUP BY 1`,
    [app],
  );
  const timings = await readTimings(pool, app);
  return { phases: Object.fromEntries(rows.map(({ phase, seconds }) => [phase, seconds])), timings };
}

/** What was measured in the last 20 deployments, whatever their outcome: a start that led nowhere took its time all the same. Newest first. */
async function readTimings(pool: Pool, app: string): Promise<Record<string, number[]>> {
  const { rows } = await pool.query<{ name: string; seconds: number[] }>(
    `SELECT concat(timing->>'environment', ' ', timing->>'what') AS name,
            array_agg((timing->>'seconds')::float8 ORDER BY started_at DESC, place DESC) AS seconds
       FROM (SELECT started_at, status FROM mvca.deployments
              WHERE app = $1 AND outcome IS NOT NULL ORDER BY started_at DESC LIMIT ${DEPLOYMENTS}) AS last,
            jsonb_array_elements(coalesce(status->'timings', '[]')) WITH ORDINALITY AS measured (timing, place)
      GROUP BY 1`,
    [app],
  );
  return Object.fromEntries(rows.map(({ name, seconds }) => [name, seconds]));
}

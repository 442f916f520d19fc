/**
 * Who is parked. A deployment is written down before it reads the freezes, and whoever changes freezes looks for the parked ones after
 * the change is committed: so one of them always sees the other.
 */
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Pool } from 'pg';
import type { ParkedPlace, WakeQuery } from '../../record-query';

/** Name of the deployment's signal: public, and never changed. */
const FREEZES_CHANGED = 'freezesChanged';

/** Writes down the deployment whose activity this is; answers how many are. */
export async function park(pool: Pool, app: string): Promise<{ readonly place: ParkedPlace; readonly parked: number }> {
  const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
  await pool.query('INSERT INTO mvca.parked (deployment, run, app) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    workflowId,
    runId,
    app,
  ]);
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM mvca.parked');
  return { place: { deployment: workflowId, run: runId }, parked: Number(rows[0]?.count) };
}

export async function unpark(pool: Pool, { deployment, run }: ParkedPlace): Promise<void> {
  await pool.query('DELETE FROM mvca.parked WHERE deployment = $1 AND run = $2', [deployment, run]);
}

/** Tells the next few; answers the last of them. One that has ended meanwhile is forgotten. */
export async function wakeParked(pool: Pool, { app, after, most }: WakeQuery): Promise<ParkedPlace | null> {
  const { rows } = await pool.query<ParkedPlace>(
    `SELECT deployment, run FROM mvca.parked
      WHERE ($1::text IS NULL OR app = $1) AND (deployment, run) > ($2, $3) ORDER BY deployment, run LIMIT $4`,
    [app, after?.deployment ?? '', after?.run ?? '', most],
  );
  await Promise.all(rows.map((place) => wake(pool, place)));
  return rows.at(-1) ?? null;
}

async function wake(pool: Pool, place: ParkedPlace): Promise<void> {
  try {
    await Context.current().client.workflow.getHandle(place.deployment, place.run).signal(FREEZES_CHANGED);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await unpark(pool, place);
  }
}

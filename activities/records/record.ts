/** Writes one state of a deployment: audit entries and the tables for people, in one transaction. */
import type { Pool, PoolClient } from 'pg';
import type { DeploymentStatus } from '../../domain/deployment';
import type { RecordRequest, StatedRecord } from '../record-query';
import { appendAudit } from './audit/append';
import { inTransaction } from './database';
import { storable } from './storable';
import { replaceTables, writeSteps } from './tables';

/** Repeating it changes nothing; an older status that comes late adds its entries and leaves the newer tables as they are. */
export async function writeRecord(pool: Pool, given: RecordRequest): Promise<void> {
  const request = storable(given);
  await inTransaction(pool, 'BEGIN', async (client) => {
    await appendAudit(client, request, request.entries);
    if (request.status === null) return;
    const stated = { ...request, status: request.status };
    const newest = await writeDeployment(client, stated);
    await writeSteps(client, stated);
    if (newest) await replaceTables(client, stated);
  });
}

/** Answers false when a newer status is there already. Without entries, the step events alone say which one is newer. */
async function writeDeployment(
  client: PoolClient,
  { status, entries, deployment, run, app }: StatedRecord,
): Promise<boolean> {
  const lastEntry = entries.length === 0 ? null : Math.max(...entries.map(({ sequence }) => sequence));
  const { rowCount } = await client.query(UPSERT, [
    deployment,
    run,
    app,
    status.version,
    status.kind,
    status.requester,
    status.startedAt,
    endOf(status),
    status.phase,
    status.environment,
    status.outcome,
    status.reason,
    status.plan?.digest ?? null,
    status.artifact?.digest ?? null,
    status.snapshot?.digest ?? null,
    status.report,
    status.steps.at(-1)?.sequence ?? 0,
    lastEntry,
    JSON.stringify(status),
  ]);
  return rowCount === 1;
}

const endOf = (status: DeploymentStatus): string | null =>
  status.outcome === null ? null : (status.steps.at(-1)?.at ?? status.startedAt);

const UPSERT = `
  INSERT INTO mvca.deployments AS old (deployment, run, app, version, kind, requester, started_at, ended_at, phase, environment,
    outcome, reason, plan, artifact, source, report, last_step, last_entry, status)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, coalesce($18::bigint, 0), $19)
  ON CONFLICT (deployment, run) DO UPDATE SET
    version = excluded.version, ended_at = excluded.ended_at, phase = excluded.phase, environment = excluded.environment,
    outcome = excluded.outcome, reason = excluded.reason, plan = excluded.plan, artifact = excluded.artifact,
    source = excluded.source, report = coalesce(excluded.report, old.report), last_step = excluded.last_step,
    last_entry = greatest(excluded.last_entry, old.last_entry), status = excluded.status
  WHERE (excluded.last_step, coalesce($18::bigint, old.last_entry)) >= (old.last_step, old.last_entry)
    AND (old.outcome IS NULL OR excluded.outcome IS NOT NULL)`;

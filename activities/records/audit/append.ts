/** Appends to the audit log: insert or ignore by (deployment, run, sequence), chained under a lock on the head. */
import type { ApplicationFailure } from '@temporalio/common';
import type { PoolClient } from 'pg';
import type { AuditEntry } from '../../../domain/audit';
import { canonicalJson } from '../../../domain/canonical-json';
import type { AuditHead, AuditRow } from '../../../domain/records';
import type { RecordRequest } from '../../record-query';
import { fail } from '../../failure';
import { hashOf } from '../../../system/audit/chain';

type Run = Pick<RecordRequest, 'deployment' | 'run' | 'app'>;

/**
 * Takes the lock of the head until the transaction ends, so that records are written one after the other.
 * @throws `RecordsDiffer` (final) when other content was recorded under the same key.
 */
export async function appendAudit(client: PoolClient, of: Run, entries: readonly AuditEntry[]): Promise<void> {
  const head = await lockHead(client);
  const recorded = await recordedEntries(client, of, entries);
  const fresh: AuditEntry[] = [];
  for (const entry of [...entries].sort((a, b) => a.sequence - b.sequence)) {
    const before = recorded.get(entry.sequence);
    if (before === undefined) {
      fresh.push(entry);
      recorded.set(entry.sequence, entry);
    } else if (canonicalJson(before) !== canonicalJson(pick(entry))) throw differs(of, before, entry);
  }
  if (fresh.length > 0) await insert(client, chained(head, of, fresh));
}

async function lockHead(client: PoolClient): Promise<AuditHead> {
  const { rows } = await client.query<{ rows: string; hash: string }>(
    'SELECT rows, hash FROM mvca.audit_head FOR UPDATE',
  );
  const [head] = rows;
  if (head === undefined) throw new Error('the head of the audit log is missing; look with: mvca audit verify');
  return { rows: Number(head.rows), hash: head.hash };
}

async function recordedEntries(
  client: PoolClient,
  of: Run,
  entries: readonly AuditEntry[],
): Promise<Map<number, AuditEntry>> {
  const { rows } = await client.query<AuditEntry>(
    `SELECT sequence::float8 AS sequence, at, actor, action, environment, summary, facts
       FROM mvca.audit WHERE deployment = $1 AND run = $2 AND sequence = ANY($3::bigint[])`,
    [of.deployment, of.run, entries.map(({ sequence }) => sequence)],
  );
  return new Map(rows.map((row) => [row.sequence, row]));
}

const pick = ({ sequence, at, actor, action, environment, summary, facts }: AuditEntry): AuditEntry => ({
  sequence,
  at,
  actor,
  action,
  environment,
  summary,
  facts,
});

function chained(head: AuditHead, of: Run, entries: readonly AuditEntry[]): AuditRow[] {
  let { rows: row, hash: previous } = head;
  return entries.map((entry) => {
    row += 1;
    const content = { row, app: of.app, deployment: of.deployment, run: of.run, ...pick(entry), previous };
    previous = hashOf(content);
    return { ...content, hash: previous };
  });
}

async function insert(client: PoolClient, rows: readonly AuditRow[]): Promise<void> {
  await client.query(
    `INSERT INTO mvca.audit (row, app, deployment, run, sequence, at, actor, action, environment, summary, facts, previous, hash)
     SELECT "row", app, deployment, run, sequence, at, actor, action, environment, summary, facts, previous, hash
       FROM jsonb_to_recordset($1::jsonb) AS new("row" bigint, app text, deployment text, run text, sequence bigint, at text,
            actor text, action text, environment text, summary text, facts jsonb, previous text, hash text)`,
    [JSON.stringify(rows)],
  );
  const last = rows.at(-1);
  await client.query('UPDATE mvca.audit_head SET rows = $1, hash = $2', [last?.row, last?.hash]);
}

const differs = (of: Run, before: AuditEntry, entry: AuditEntry): ApplicationFailure =>
  fail(
    'RecordsDiffer',
    `audit entry ${entry.sequence} of ${of.deployment} (run ${of.run}) was recorded as \`${before.action}\`: ${before.summary}; ` +
      `now it should be \`${entry.action}\`: ${entry.summary}. What was recorded stays.`,
  );

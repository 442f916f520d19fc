/** The tables that are made from a status: steps are added, the others are as the newest status says. */
import type { PoolClient } from 'pg';
import type { StatedRecord } from '../record-query';

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Column names with their types, as `jsonb_to_recordset` reads them. */
const COLUMNS = {
  steps: 'sequence bigint, at timestamptz, phase text, environment text, step text, state text, summary text',
  releases:
    'place int, environment text, release text, version text, artifact text, weight float8, measured float8, state text',
  approvals: 'place int, at timestamptz, kind text, person text, accepted boolean, reason text',
  findings: 'place int, environment text, gate text, finding text, verdict text, message text, remedy text',
} as const;
type Table = keyof typeof COLUMNS;
type Run = Pick<StatedRecord, 'deployment' | 'run'>;

interface Filling {
  readonly table: Table;
  readonly of: Run;
  readonly rows: readonly Row[];
}

export async function writeSteps(client: PoolClient, request: StatedRecord): Promise<void> {
  await insert(client, { table: 'steps', of: request, rows: request.status.steps.map((step) => ({ ...step })) });
}

export async function replaceTables(client: PoolClient, request: StatedRecord): Promise<void> {
  const { releases, messages, gates } = request.status;
  const approvals = messages.map(({ from, ...message }) => ({ ...message, person: from }));
  const findings = gates.flatMap(({ gate, environment, findings: found }) =>
    found.map(({ id, ...finding }) => ({ ...finding, finding: id, gate, environment })),
  );
  await replace(client, { table: 'releases', of: request, rows: releases.map((release) => ({ ...release })) });
  await replace(client, { table: 'approvals', of: request, rows: approvals });
  await replace(client, { table: 'findings', of: request, rows: findings });
}

async function replace(client: PoolClient, { table, of, rows }: Filling): Promise<void> {
  await client.query(`DELETE FROM mvca.${table} WHERE deployment = $1 AND run = $2`, [of.deployment, of.run]);
  await insert(client, { table, of, rows: rows.map((row, place) => ({ ...row, place })) });
}

async function insert(client: PoolClient, { table, of, rows }: Filling): Promise<void> {
  if (rows.length === 0) return;
  const names = COLUMNS[table]
    .split(', ')
    .map((column) => column.split(' ')[0])
    .join(', ');
  await client.query(
    `INSERT INTO mvca.${table} (deployment, run, ${names})
     SELECT $1, $2, ${names} FROM jsonb_to_recordset($3::jsonb) AS new(${COLUMNS[table]})
     ON CONFLICT DO NOTHING`,
    [of.deployment, of.run, JSON.stringify(rows)],
  );
}

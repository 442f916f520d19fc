/** Makes and ends freezes, with an entry in the audit log; repeatable by the run that asks for it. */
import type { Pool, PoolClient } from 'pg';
import type { AuditEntry } from '../../../domain/audit';
import { freezeProblem, type FreezeAnswer, type FreezeChange, type FreezeView } from '../../../domain/freezes/freeze';
import type { FreezeChangeRequest } from '../../record-query';
import { fail } from '../../failure';
import { appendAudit } from '../audit/append';
import { inTransaction } from '../database';
import { storable } from '../storable';
import { COLUMNS, readViews, viewOf, type FreezeRow } from './read';
import { windowsOf } from './windows';

/** In the audit log a freeze of all applications stands under this name. */
const ALL = '*';

type Making = Extract<FreezeChange, { kind: 'freeze' }>;
type Ending = Extract<FreezeChange, { kind: 'unfreeze' }>;

/** @throws `FreezeRefused` (final) when its times cannot be. */
export async function changeFreezes(pool: Pool, given: FreezeChangeRequest): Promise<FreezeAnswer> {
  const request = storable(given);
  const { change } = request;
  const now = new Date();
  return inTransaction(pool, 'BEGIN', async (client) => {
    const changed =
      change.kind === 'freeze' ? [await make(client, request, change)] : await end(client, request, change);
    const app = change.app ?? ALL;
    await appendAudit(
      client,
      { deployment: request.deployment, run: request.run, app },
      changed.map((freeze, index) => entry(request, freeze, index + 1)),
    );
    return { changed, freezes: await readViews(client, change.app, now) };
  });
}

async function make(client: PoolClient, { run, at }: FreezeChangeRequest, change: Making): Promise<FreezeView> {
  const { app, reason, by, time } = change;
  const found = windowsOf(time, new Date(at));
  if (found.kind === 'problem') throw refused(found.problem);
  const problem = freezeProblem(time, found.windows, Date.parse(at));
  if (problem !== null) throw refused(problem);
  const id = `freeze-${run.slice(-8)}`;
  await client.query(
    `INSERT INTO mvca.freezes (id, app, reason, made_by, made_at, time) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
    [id, app, reason, by, at, JSON.stringify(time)],
  );
  return { id, app, reason, by, madeAt: at, time, windows: found.windows };
}

async function end(client: PoolClient, { run, at }: FreezeChangeRequest, change: Ending): Promise<FreezeView[]> {
  const { app, id, by, reason } = change;
  await client.query(
    `UPDATE mvca.freezes SET lifted_at = $1, lifted_by = $2, lifted_reason = $3, lifted_run = $4
      WHERE lifted_at IS NULL AND app IS NOT DISTINCT FROM $5 AND ($6::text IS NULL OR id = $6)`,
    [at, by, reason, run, app, id],
  );
  const { rows } = await client.query<FreezeRow>(
    `SELECT ${COLUMNS} FROM mvca.freezes WHERE lifted_run = $1 ORDER BY made_at, id`,
    [run],
  );
  // One that was over already is ended without a word.
  return rows.map((row) => viewOf(row, new Date(at))).filter(({ windows }) => windows.length > 0);
}

const refused = (problem: string) => fail('FreezeRefused', `the freeze cannot be made: ${problem}`);

function entry({ at, change }: FreezeChangeRequest, freeze: FreezeView, sequence: number): AuditEntry {
  const scope = freeze.app ?? 'all applications';
  const [first] = freeze.windows;
  const times = first === undefined ? '' : ` from ${first.from} until ${first.until}`;
  const summary =
    change.kind === 'freeze'
      ? `${scope} frozen${times}: ${freeze.reason}`
      : `freeze of ${scope} ended (${freeze.reason})${change.reason === null ? '' : `: ${change.reason}`}`;
  return {
    sequence,
    at,
    actor: change.by,
    action: change.kind === 'freeze' ? 'freeze.made' : 'freeze.ended',
    environment: 'production',
    summary,
    facts: { freeze: freeze.id, time: JSON.stringify(freeze.time) },
  };
}

/** Makes and ends freezes, with an entry in the audit log; repeatable by the run that asks for it. */
import type { Pool, PoolClient } from 'pg';
import type { AuditEntry } from '../../../domain/audit';
import { freezeProblem, type FreezeAnswer, type FreezeChange, type FreezeView } from '../../../domain/freezes/freeze';
import { nameProblem } from '../../../domain/identity/decide';
import type { Proven } from '../../../domain/identity/identity';
import type { FreezeChangeRequest } from '../../record-query';
import { fail } from '../../failure';
import { appendAudit } from '../audit/append';
import { inTransaction } from '../database';
import { prove } from '../identities/prove';
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
    const signed = change.kind === 'unfreeze' ? await signedBy(client, request, change) : null;
    const changed =
      change.kind === 'freeze' ? [await make(client, request, change)] : await end(client, request, change);
    const app = change.app ?? ALL;
    await appendAudit(
      client,
      { deployment: request.deployment, run: request.run, app },
      changed.map((freeze, index) => entry({ request, freeze, sequence: index + 1, signed })),
    );
    return { changed, freezes: await readViews(client, change.app, now) };
  });
}

/** Whoever ends a freeze lets deployments go on. */
async function signedBy(
  client: PoolClient,
  { deployment, run, at }: FreezeChangeRequest,
  change: Ending,
): Promise<Proven> {
  const { app, by: person, reason, id: finding, proof } = change;
  const { expires = '', nonce = '', signature = null } = proof ?? {};
  const statement = { person, application: app ?? ALL, deployment, run: null, meaning: 'unfreeze' as const };
  const whole = { ...statement, digest: null, finding, reason, expires, nonce };
  const proven = await prove(client, { statement: whole, signature, at, use: run });
  const command = `mvca unfreeze ${app ?? '--all'}`;
  const problem = nameProblem(proven, { meaning: 'unfreeze', by: person, command });
  if (problem !== null) throw fail('FreezeRefused', `the freeze is not ended: ${problem.reason}`);
  return proven;
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

interface Entry {
  readonly request: FreezeChangeRequest;
  readonly freeze: FreezeView;
  readonly sequence: number;
  readonly signed: Proven | null;
}

function entry({ request: { at, change }, freeze, sequence, signed }: Entry): AuditEntry {
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
    facts: { freeze: freeze.id, time: JSON.stringify(freeze.time), ...signedFacts(change, signed) },
  };
}

const signedFacts = (change: FreezeChange, signed: Proven | null): AuditEntry['facts'] =>
  signed?.kind === 'signed' && change.kind === 'unfreeze'
    ? { key: signed.fingerprint, statement: signed.statement, signature: change.proof?.signature ?? '' }
    : {};

/**
 * Adds and removes keys of people, with an entry in the audit log; repeatable by the run that asks for it. Who may: the machine that keeps
 * the engine, which is whoever may enter its home, and everybody for keys of their own.
 */
import type { Pool, PoolClient } from 'pg';
import { personProblem } from '../../../domain/approvals/person';
import type { AuditEntry } from '../../../domain/audit';
import type { IdentityChange, IdentityView, MachineProof } from '../../../domain/identity/identity';
import { expiryProblem, statementText } from '../../../domain/identity/statement';
import { changeStatement, machineText } from '../../../domain/identity/change';
import { isSigned } from '../../../system/signing';
import { keyLine, readPublicKey, type PublicKey } from '../../../system/ssh/public-key';
import { Malformed } from '../../../system/ssh/wire';
import { fail } from '../../failure';
import type { IdentityChangeRequest } from '../../identity-contract';
import { appendAudit } from '../audit/append';
import { inTransaction } from '../database';
import { storable } from '../storable';
import { prove, spend } from './prove';
import { readIdentities } from './read';

/** In the audit log it concerns all applications. */
const ALL = '*';

export interface IdentityDeps {
  readonly pool: Pool;
  /** Base64 of the public key of the machine that this worker runs on. */
  readonly machineKey: () => Promise<string>;
}

/** Answers all that are kept. @throws `IdentityRefused` (final) */
export async function changeIdentities(
  { pool, machineKey }: IdentityDeps,
  given: IdentityChangeRequest,
): Promise<readonly IdentityView[]> {
  const request = storable(given);
  const machine = await machineKey();
  return inTransaction(pool, 'BEGIN', async (client) => {
    await client.query('LOCK TABLE mvca.identities IN SHARE ROW EXCLUSIVE MODE');
    const known = await readIdentities(client);
    const key = keyOf(request.change, known);
    const signedBy = await authorise(client, request, { fingerprint: key.fingerprint, machine });
    if (request.change.kind === 'add') await add(client, request, key);
    else await remove(client, request, request.change);
    await appendAudit(client, { ...request, app: ALL }, [entry(request, key, signedBy)]);
    return readIdentities(client);
  });
}

interface Key {
  readonly fingerprint: string;
  readonly line: string;
}

function keyOf({ person, by, ...change }: IdentityChange, known: readonly IdentityView[]): Key {
  const problem = personProblem(person) ?? personProblem(by);
  if (problem !== null) throw refused(problem);
  if (change.kind === 'add') {
    const { fingerprint, ...key } = readKey(change.key);
    return { fingerprint, line: keyLine(key) };
  }
  const found = known.find(({ fingerprint }) => fingerprint === change.fingerprint);
  if (found?.person !== person)
    throw refused(`${person} has no key ${change.fingerprint}; \`mvca identity list\` shows them`);
  return { fingerprint: found.fingerprint, line: found.key };
}

function readKey(text: string): PublicKey {
  try {
    return readPublicKey(text);
  } catch (error) {
    throw error instanceof Malformed ? refused(`the public key cannot be taken: ${error.message}`) : error;
  }
}

/** Answers the fingerprint of the key that signed it, or `machine`. */
async function authorise(
  client: PoolClient,
  { deployment, run, at, change }: IdentityChangeRequest,
  { fingerprint, machine }: { readonly fingerprint: string; readonly machine: string },
): Promise<string> {
  const { proof, person, by } = change;
  const statement = changeStatement({ ...change, deployment, fingerprint });
  if ('machine' in proof) {
    const problem =
      machineProblem(proof, machineText(statement), machine) ??
      expiryProblem(proof.expires, Date.parse(at)) ??
      (await spend(client, { text: machineText(statement), use: run, at }));
    if (problem !== null) throw refused(problem);
    return 'machine';
  }
  if (by !== person) throw refused(`${by} cannot sign for keys of ${person}; ${ELSE}`);
  const proven = await prove(client, { statement, signature: proof.signature, at, use: run });
  if (proven.kind === 'signed') return proven.fingerprint;
  throw refused(proven.kind === 'refused' ? proven.reason : `${by} has no key here yet; ${ELSE}`);
}

const ELSE =
  'run this on the machine that keeps the engine, with its MVCA_HOME: whoever may enter it may change whose keys count';

function machineProblem(proof: MachineProof, text: string, machine: string): string | null {
  if (proof.machine !== machine) return `the home that signed this is not the one of the engine; ${ELSE}`;
  return isSigned(text, { key: machine, signature: proof.signature })
    ? null
    : 'the signature of the machine is not over this';
}

async function add(client: PoolClient, { run, at, change }: IdentityChangeRequest, key: Key): Promise<void> {
  await client.query(
    `INSERT INTO mvca.identities (fingerprint, person, key, added_at, added_by, added_run) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (fingerprint) DO NOTHING`,
    [key.fingerprint, change.person, key.line, at, change.by, run],
  );
  const { rows } = await client.query<{ added_run: string; person: string; removed_at: Date | null }>(
    'SELECT added_run, person, removed_at FROM mvca.identities WHERE fingerprint = $1',
    [key.fingerprint],
  );
  const [kept] = rows;
  if (kept === undefined || kept.added_run === run) return;
  const words = kept.removed_at === null ? 'is' : `was until ${kept.removed_at.toISOString()}`;
  throw refused(
    `the key ${key.fingerprint} ${words} ${kept.person}'s already, and no key is added twice; make another one: ssh-keygen -t ed25519`,
  );
}

async function remove(
  client: PoolClient,
  { run, at }: IdentityChangeRequest,
  { fingerprint, by, reason }: Extract<IdentityChange, { kind: 'remove' }>,
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE mvca.identities SET removed_at = $1, removed_by = $2, removed_reason = $3, removed_run = $4
      WHERE fingerprint = $5 AND (removed_at IS NULL OR removed_run = $4)`,
    [at, by, reason, run, fingerprint],
  );
  if (rowCount === 0) throw refused(`the key ${fingerprint} was removed already`);
}

const refused = (problem: string): Error => fail('IdentityRefused', problem);

function entry({ at, change, deployment }: IdentityChangeRequest, key: Key, signedBy: string): AuditEntry {
  const { person, by, proof } = change;
  const statement = changeStatement({ ...change, deployment, fingerprint: key.fingerprint });
  const why = change.kind === 'remove' ? `: ${change.reason}` : '';
  const what = change.kind === 'add' ? 'speaks for' : 'speaks no more for';
  return {
    sequence: 1,
    at,
    actor: by,
    action: change.kind === 'add' ? 'identity.added' : 'identity.removed',
    environment: null,
    summary: `${key.fingerprint} ${what} ${person}${why}`,
    facts: {
      person,
      fingerprint: key.fingerprint,
      key: key.line,
      signedBy,
      ...('machine' in proof ? { machine: proof.machine } : {}),
      statement: statementText(statement),
      signature: proof.signature,
    },
  };
}

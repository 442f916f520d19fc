/** Verifies who said something: the signature, its key, its time, and that it counts once. */
import type { Pool, PoolClient } from 'pg';
import { keyProblem, type KeyUse, type Proven } from '../../../domain/identity/identity';
import { expiryProblem, SIGNATURE_NAMESPACE, statementText } from '../../../domain/identity/statement';
import { sha256 } from '../../../system/content-digest';
import { isSignedBy, readSignature, type SshSignature } from '../../../system/ssh/sshsig';
import { Malformed } from '../../../system/ssh/wire';
import type { ProveRequest } from '../../identity-contract';
import { readIdentities } from './read';

/** Never throws for what was sent; the database alone can keep it from answering. */
export async function prove(client: Pick<PoolClient, 'query'>, request: ProveRequest): Promise<Proven> {
  const { statement, signature, at, use } = request;
  const known = await readIdentities(client);
  if (known.length === 0) return { kind: 'claim', kept: false };
  if (signature === null || signature === '') return { kind: 'claim', kept: true };
  const text = statementText(statement);
  const parsed = parse(signature);
  if (typeof parsed === 'string') return refused(parsed);
  const { fingerprint } = parsed.publicKey;
  const problem =
    keyProblem(
      known.find((identity) => identity.fingerprint === fingerprint),
      { person: statement.person, fingerprint },
    ) ??
    (isSignedBy(text, SIGNATURE_NAMESPACE, parsed) ? null : notOver(parsed)) ??
    expiryProblem(statement.expires, Date.parse(at)) ??
    (await spend(client, { text, use, at }));
  return problem === null ? { kind: 'signed', fingerprint, statement: text } : refused(problem);
}

/** What is wrong with keys that spoke before. */
export async function checkKeys(pool: Pool, uses: readonly KeyUse[]): Promise<readonly string[]> {
  const known = await readIdentities(pool);
  const problems = uses.map((use) =>
    keyProblem(
      known.find(({ fingerprint }) => fingerprint === use.fingerprint),
      use,
    ),
  );
  return problems.filter((problem) => problem !== null);
}

const refused = (reason: string): Proven => ({ kind: 'refused', reason });

function parse(signature: string): SshSignature | string {
  try {
    return readSignature(signature);
  } catch (error) {
    if (error instanceof Malformed) return `the signature cannot be read: ${error.message}`;
    throw error;
  }
}

function notOver({ namespace }: SshSignature): string {
  if (namespace !== SIGNATURE_NAMESPACE)
    return `the signature was made for \`${namespace.slice(0, 60)}\` and not for \`${SIGNATURE_NAMESPACE}\``;
  return 'the signature is not over this message: it was made for another person, application, run, digest, meaning, reason or time';
}

/** null: it counts, for this message. */
export async function spend(
  client: Pick<PoolClient, 'query'>,
  { text, use, at }: { readonly text: string; readonly use: string; readonly at: string },
): Promise<string | null> {
  const statement = sha256(text);
  await client.query(
    'INSERT INTO mvca.spent_statements (statement, used_for, used_at) VALUES ($1, $2, $3) ON CONFLICT (statement) DO NOTHING',
    [statement, use, at],
  );
  const { rows } = await client.query<{ used_for: string; used_at: Date }>(
    'SELECT used_for, used_at FROM mvca.spent_statements WHERE statement = $1',
    [statement],
  );
  const [spent] = rows;
  if (spent?.used_for === use) return null;
  return `the signature has counted already, on ${spent?.used_at.toISOString() ?? ''}: each does so once; sign again`;
}

/** Verifies the signatures that stand in the audit log, by the log alone: whose keys counted when stands there, too. */
import { expiryProblem, SIGNATURE_NAMESPACE, statementText, type Statement } from '../../domain/identity/statement';
import type { AuditRow } from '../../domain/records';
import { keyLine, readPublicKey } from '../ssh/public-key';
import { isSignedBy, readSignature, type SshSignature } from '../ssh/sshsig';
import { isSigned } from '../signing';

interface Known {
  readonly person: string;
  readonly addedAt: number;
  removedAt: number | null;
}

export interface SignatureWalk {
  /** What is wrong with the next row; null: nothing. Rows come in their order. */
  next(row: AuditRow): string | null;
  /** How many signatures of people were verified. */
  readonly verified: number;
}

/** Accepted, these make something happen: once anybody has an identity they carry a signature. */
const SIGNED = ['approve.accepted', 'waive.accepted', 'promote.accepted', 'resume.accepted'];
/** An answer may have been decided just before the first identity was kept, and is written a moment later. */
const GRACE_MS = 3_000;

/** @param trusted keys that an auditor knows by other means, as lines; null: those that the log itself names */
export function createSignatureWalk(trusted: readonly string[] | null = null): SignatureWalk {
  const keys = new Map<string, Known>();
  const fingerprints = trusted?.map((line) => readPublicKey(line).fingerprint) ?? null;
  let [verified, since] = [0, Infinity];
  const next = (row: AuditRow): string | null => {
    const isIdentity = row.action === 'identity.added' || row.action === 'identity.removed';
    const { statement, signature } = row.facts;
    const isPersonal =
      typeof statement === 'string' && typeof signature === 'string' && row.facts['signedBy'] !== 'machine';
    const isMissing = SIGNED.includes(row.action) && Date.parse(row.at) > since + GRACE_MS;
    if (!isPersonal && isMissing)
      return `${row.action} by ${row.actor} carries no signature, although people have identities`;
    const problem = isPersonal
      ? personProblem(row, { statement, signature }, keys)
      : isIdentity
        ? machineProblem(row)
        : null;
    if (problem !== null) return problem;
    if (isPersonal) {
      verified += 1;
      const { fingerprint } = readSignature(signature).publicKey;
      if (fingerprints?.includes(fingerprint) === false)
        return `the key ${fingerprint} is not among the signers that were named`;
    }
    const keyProblem = isIdentity ? keep(row, keys) : null;
    if (isIdentity) since = Math.min(since, Date.parse(row.at));
    return keyProblem;
  };
  return {
    next: (row) => {
      const problem = next(row);
      return problem === null ? null : `the signature of row ${row.row} is bad: ${problem}`;
    },
    get verified() {
      return verified;
    },
  };
}

interface Signed {
  readonly statement: string;
  readonly signature: string;
}

function personProblem(row: AuditRow, signed: Signed, keys: ReadonlyMap<string, Known>): string | null {
  const signature = parse(signed.signature);
  if (typeof signature === 'string') return signature;
  const statement = parseStatement(signed.statement);
  if (statement === null) return 'what was signed is no statement';
  const { fingerprint } = signature.publicKey;
  if (!isSignedBy(signed.statement, SIGNATURE_NAMESPACE, signature)) return `it is not over what stands there`;
  return (
    otherRow(row, statement) ??
    otherKey(keys.get(fingerprint), statement, row) ??
    expiryProblem(statement.expires, Date.parse(row.at) - SLACK_MS)
  );
}

/** A row is written a moment after the signature was verified. */
const SLACK_MS = 60_000;

/** A signature counts for its own row: who, what, where and why are as signed. */
function otherRow({ actor, app, deployment, run, action, facts }: AuditRow, statement: Statement): string | null {
  const meaning = MEANINGS[action] ?? action.split('.')[0];
  const said = facts['reason'] === undefined ? statement.reason : facts['reason'] === '' ? null : facts['reason'];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['person', statement.person, actor],
    ['application', statement.application, app],
    ['deployment', statement.deployment, deployment],
    ['run', statement.run ?? run, run],
    ['meaning', statement.meaning, meaning],
    ['reason', statement.reason ?? null, said],
  ];
  const other = pairs.find(([, signed, written]) => signed !== written);
  return other === undefined ? null : `its ${other[0]} is ${String(other[1])}, and the row says ${String(other[2])}`;
}

const MEANINGS: Readonly<Record<string, string>> = {
  'identity.added': 'identity-add',
  'identity.removed': 'identity-remove',
  'freeze.ended': 'unfreeze',
};

function otherKey(known: Known | undefined, { person }: Statement, { at }: AuditRow): string | null {
  if (known === undefined) return 'its key was the key of nobody then, by this log';
  if (known.person !== person) return `its key is ${known.person}'s`;
  const when = Date.parse(at);
  if (when < known.addedAt - SLACK_MS) return 'its key did not count yet';
  return known.removedAt !== null && when > known.removedAt + SLACK_MS ? 'its key counted no more' : null;
}

function machineProblem({ facts }: AuditRow): string | null {
  const { statement, signature, machine } = facts;
  if (typeof statement !== 'string' || typeof signature !== 'string' || typeof machine !== 'string')
    return 'nobody signed it';
  return isSigned(`mvca machine ${statement}`, { key: machine, signature }) ? null : 'the machine did not sign it';
}

/** Takes note of whose key counts from then on, or until then. */
function keep(row: AuditRow, keys: Map<string, Known>): string | null {
  const { person, fingerprint, key, statement } = row.facts;
  const signed = parseStatement(String(statement));
  if (typeof person !== 'string' || typeof key !== 'string' || signed === null) return 'it names no key';
  if (signed.digest !== fingerprint || signed.finding !== person) return 'another key was signed';
  const parsed = readPublicKey(key);
  if (parsed.fingerprint !== fingerprint || keyLine(parsed) !== key)
    return 'its key is another than its fingerprint says';
  const when = Date.parse(row.at);
  const known = keys.get(parsed.fingerprint);
  if (row.action === 'identity.removed' && known !== undefined) known.removedAt = when;
  if (row.action === 'identity.added') keys.set(parsed.fingerprint, { person, addedAt: when, removedAt: null });
  return null;
}

function parse(text: string): SshSignature | string {
  try {
    return readSignature(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Only the one text that the statement has: nothing beside it was signed. */
function parseStatement(text: string): Statement | null {
  try {
    const statement = JSON.parse(text) as Statement;
    return statementText(statement) === text ? statement : null;
  } catch {
    return null;
  }
}

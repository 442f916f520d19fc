/** What a person signs: everything that their word is about, so that it counts once, there, and for nothing else. */
import { canonicalJson } from '../canonical-json';

/** Of the signatures, so that one made for anything else (a commit, a login) is none here. */
export const SIGNATURE_NAMESPACE = 'mvca-approval';

export type Meaning =
  | 'approve'
  | 'reject'
  | 'abort'
  | 'waive'
  | 'supersede'
  | 'pause'
  | 'resume'
  | 'promote'
  | 'deploy'
  | 'rollback'
  | 'retire'
  | 'unfreeze'
  | 'policy'
  | 'identity-add'
  | 'identity-remove';

export interface Statement {
  readonly person: string;
  /** `*`: all of them. */
  readonly application: string;
  /** Workflow id. */
  readonly deployment: string;
  /** null: it begins with this. */
  readonly run: string | null;
  readonly meaning: Meaning;
  /** Of the plan, or of what is asked for; null: nothing of the kind. */
  readonly digest: string | null;
  readonly finding: string | null;
  readonly reason: string | null;
  /** ISO; after it, it counts no more. */
  readonly expires: string;
  /** Any text that nothing else has. */
  readonly nonce: string;
}

/** What makes a statement a signed one, as it is sent. */
export interface Proof {
  readonly expires: string;
  readonly nonce: string;
  /** Base64 of a signature as `ssh-keygen -Y sign` makes it. */
  readonly signature: string;
}

/** The bytes that are signed. */
export const statementText = (statement: Statement): string => canonicalJson(statement);

/** Nobody's word is kept in store for longer: a place in the line lasts 24 hours. */
const LONGEST_MS = 26 * 3_600_000;

/** What is wrong with its time; null: nothing. */
export function expiryProblem(expires: string, nowMs: number): string | null {
  const until = Date.parse(expires);
  if (Number.isNaN(until)) return '`expires` is no time such as 2026-11-30T08:00:00.000Z';
  if (until <= nowMs) return `the signature counted until ${expires}, which is over; sign again`;
  if (until > nowMs + LONGEST_MS) return `the signature would count until ${expires}; at most 26 hours are taken`;
  return null;
}

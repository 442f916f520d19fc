/** Who is who: the keys that speak for a person. A key that was removed stays, so that what it signed before can be verified. */
import type { Proof } from './statement';

export interface IdentityView {
  readonly person: string;
  /** `SHA256:…` of the key. */
  readonly fingerprint: string;
  /** Type and key, as in `~/.ssh/*.pub`. */
  readonly key: string;
  /** ISO; it counts from then on. */
  readonly addedAt: string;
  readonly addedBy: string;
  /** ISO; null: it counts. */
  readonly removedAt: string | null;
  readonly removedBy: string | null;
  readonly removedReason: string | null;
}

/** The machine that keeps the engine speaks for whoever may enter its home. */
export interface MachineProof extends Proof {
  /** Base64 of the machine's public key. */
  readonly machine: string;
}

export type IdentityChange = {
  readonly person: string;
  readonly by: string;
  readonly proof: Proof | MachineProof;
} & (
  | { readonly kind: 'add'; readonly key: string }
  | { readonly kind: 'remove'; readonly fingerprint: string; readonly reason: string }
);

/** Whose word a message is. */
export type Proven =
  | { readonly kind: 'signed'; readonly fingerprint: string; /** What was signed. */ readonly statement: string }
  /** Nothing was signed. `kept`: people have identities here, so that a name alone is nobody's word. */
  | { readonly kind: 'claim'; readonly kept: boolean }
  /** `unanswered`: nothing is wrong with it that is known; nobody could say. */
  | { readonly kind: 'refused'; readonly reason: string; readonly unanswered?: true };

/** A key that spoke for a person. */
export interface KeyUse {
  readonly person: string;
  readonly fingerprint: string;
}

/** Where nobody has an identity. */
export const CLAIMS = 'names are claims: no identity is kept; `mvca identity add NAME KEY.pub` keeps one';

/** What is wrong with the key that speaks for this person now; null: nothing. */
export function keyProblem(known: IdentityView | undefined, { person, fingerprint }: KeyUse): string | null {
  if (known === undefined) return `the key ${fingerprint} is nobody's; \`mvca identity list\` shows whose count`;
  if (known.person !== person) return `the key ${fingerprint} is ${known.person}'s and not ${person}'s`;
  if (known.removedAt === null) return null;
  return `the key ${fingerprint} of ${person} was removed on ${known.removedAt} by ${known.removedBy ?? ''}: ${known.removedReason ?? ''}`;
}

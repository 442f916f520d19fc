/** Who approves production: what a person answers to that, and what is thought where nobody can be asked. */
import { personProblem } from '../approvals/person';

/** `alone`: whoever asks says yes as well; `others`: anybody but who asks; `named`: these, and never who asks. */
export type Approvers =
  | { readonly kind: 'alone'; readonly name: string }
  | { readonly kind: 'others' }
  | { readonly kind: 'named'; readonly names: readonly string[] };

export interface People {
  /** Who writes the spec. */
  readonly user: string;
  /** Accounts of this machine that somebody can log in with, root and the user apart. */
  readonly accounts: readonly string[];
  /** Whoever wrote commits, by name and by address. */
  readonly authors: { readonly names: readonly string[]; readonly addresses: readonly string[] };
}

/** Four eyes, unless everything says that there are two only. */
export function likelyApprovers({ user, accounts, authors }: People): Approvers {
  // Whoever works as root has an account of their own as well, mostly.
  const isOnlyAccount = accounts.length <= (user === 'root' ? 1 : 0);
  // One person may have written from two machines, under one name or one address.
  const isOnlyAuthor = Math.min(authors.names.length, authors.addresses.length) <= 1;
  return isOnlyAccount && isOnlyAuthor && personProblem(user) === null
    ? { kind: 'alone', name: user }
    : { kind: 'others' };
}

/** @param user whose `alone` it is; answers what is wrong where it is nothing of the kind */
export function readApprovers(
  text: string,
  user: string,
): Approvers | { readonly kind: 'wrong'; readonly problem: string } {
  const answer = text.trim();
  if (answer === 'others') return { kind: 'others' };
  if (answer === 'alone') {
    const problem = personProblem(user);
    return problem === null ? { kind: 'alone', name: user } : { kind: 'wrong', problem };
  }
  const names = [...new Set(answer.split(',').map((name) => name.trim()))];
  const problem = names.map(personProblem).find((found) => found !== null);
  if (problem != null) return { kind: 'wrong', problem: `${problem}; or say \`alone\` or \`others\`` };
  return names.length === 1 && names[0] === user ? { kind: 'alone', name: user } : { kind: 'named', names };
}

/** Of two approval policies the stronger: a spec may ask for more than what is kept, never for less. */
import type { ApprovalPolicy } from '../approvals/decide';
import type { ApprovalSpec } from '../spec/spec';

/** null: nobody is asked. */
type Policy = ApprovalPolicy | null;

/** Does whatever satisfies `policy` satisfy `other` as well? */
export function isAsStrong(policy: Policy, other: Policy): boolean {
  if (other === null) return true;
  if (policy === null) return false;
  const people = other.from.length === 0 || (policy.from.length > 0 && isSubset(policy.from, other.from));
  const eyes = other.requester === 'may' || policy.requester === 'may-not';
  return people && eyes && policy.needs >= other.needs;
}

export interface Effective {
  readonly approval: ApprovalSpec | null;
  /** What the spec asks less than the kept policy, a clause each. */
  readonly weaker: readonly string[];
  /** Why nobody could ever satisfy both; null: somebody can. */
  readonly impossible: string | null;
}

/**
 * The policy that applies: at least as strong as the kept one, and as the spec's too where enough of its people are among the kept ones.
 * How long people are waited for, and what becomes of earlier environments, is the spec's own.
 * @param kept undefined: nothing is kept yet
 */
export function effectiveApproval(kept: ApprovalSpec | null | undefined, asked: ApprovalSpec | null): Effective {
  if (kept == null) return { approval: asked, weaker: [], impossible: null };
  if (asked === null) return { approval: kept, weaker: ['`none`, so that nobody is asked'], impossible: null };
  const needs = Math.max(kept.needs, asked.needs);
  const both = peopleOfBoth(kept.from, asked.from);
  const from = both === null || both.length >= needs ? (both ?? []) : kept.from;
  const requester = [kept, asked].some((policy) => policy.requester === 'may-not') ? 'may-not' : 'may';
  const enough = from.length === 0 || from.length >= needs;
  return {
    approval: { ...asked, from, needs, requester },
    weaker: lessThan(kept, asked),
    impossible: enough ? null : `${needs} approvals are asked for, and the kept policy names ${from.join(', ')} only`,
  };
}

/** null: anybody. */
function peopleOfBoth(kept: readonly string[], asked: readonly string[]): readonly string[] | null {
  if (kept.length === 0) return asked.length === 0 ? null : asked;
  return asked.length === 0 ? kept : asked.filter((name) => kept.includes(name));
}

function lessThan(kept: ApprovalPolicy, asked: ApprovalPolicy): readonly string[] {
  const others = asked.from.filter((name) => !kept.from.includes(name));
  const isWider = kept.from.length > 0 && (asked.from.length === 0 || others.length > 0);
  return [
    ...(isWider ? [`\`from: ${people(asked.from)}\` instead of ${people(kept.from)}`] : []),
    ...(asked.needs < kept.needs ? [`\`needs: ${asked.needs}\` instead of ${kept.needs}`] : []),
    ...(asked.requester === 'may' && kept.requester === 'may-not' ? ['`requester: may` instead of may-not'] : []),
  ];
}

/** `2 of ana, bo, not by the requester`. */
export function approvalWords(policy: Policy): string {
  if (policy === null) return 'nobody is asked';
  const eyes = policy.requester === 'may-not' ? ', not by the requester' : '';
  return `${policy.needs} of ${people(policy.from)}${eyes}`;
}

const people = (from: readonly string[]): string => (from.length === 0 ? 'anybody' : from.join(', '));

const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((name) => all.includes(name));

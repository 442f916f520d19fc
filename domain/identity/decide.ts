/** Does a name count? What makes something happen needs the person's signature, once anybody has an identity; what only stops need not. */
import { refuse, type Decision } from '../approvals/decide';
import type { Proven } from './identity';
import type { Meaning } from './statement';

/** Anybody who may talk to the engine may stop things: in an emergency no key may be at hand, and it only makes things slower. */
const STOPS: readonly Meaning[] = ['reject', 'abort', 'pause', 'supersede'];

export const onlyStops = (meaning: Meaning): boolean => STOPS.includes(meaning);

export interface Spoken {
  readonly meaning: Meaning;
  readonly by: string;
  /** The command that signs and sends it. */
  readonly command: string;
}

/** null: it may count; else why not. */
export function nameProblem(proven: Proven, { meaning, by, command }: Spoken): Decision | null {
  if (proven.kind === 'signed') return null;
  if (onlyStops(meaning)) return stopProblem(proven);
  if (proven.kind === 'refused') return refuse(proven.reason);
  if (!proven.kept) return null;
  return refuse(
    `${by} did not sign it, and a name alone is nobody's word here: \`${command} --as ${by}\` signs with ${by}'s key` +
      (ASKS.includes(meaning) ? '' : ', and with --print it prints what can be pasted elsewhere'),
  );
}

/** A signature that is wrong is an attempt in somebody's name; where nobody can look at it now, an emergency goes first. */
const stopProblem = (proven: Proven): Decision | null =>
  proven.kind === 'refused' && proven.unanswered !== true
    ? refuse(`${proven.reason}. To stop it in your own name: sign again, or leave the signature out`)
    : null;

const ASKS: readonly Meaning[] = ['deploy', 'rollback', 'retire', 'unfreeze', 'policy'];

/** What is said beside a message that counts; empty: nothing. */
export function claimWords(proven: Proven): string {
  if (proven.kind === 'refused') return ` (the name is a claim: ${proven.reason})`;
  return proven.kind === 'claim' && proven.kept ? ' (unsigned: the name is a claim)' : '';
}

/** May a deployment be held, go on, or skip the rest of a watch? State and message in, accepted or refused with the reason out. */
import { accept, mayDecide, refuse, type Decision, type WaiverState } from './decide';

/** What goes on while the message comes. */
export type Doing =
  /** The new release has traffic, and the judge looks at it. */
  | {
      readonly kind: 'watch';
      readonly requester: string;
      readonly policy: WaiverState['policy'];
      readonly held: boolean;
    }
  | { readonly kind: 'approval' }
  /** Of a gate that could not decide, or of a freeze. */
  | { readonly kind: 'waiver' }
  /** Users may meet an unproven release, or none: the watch must follow at once. */
  | { readonly kind: 'exposed' }
  | { readonly kind: 'step'; readonly name: string };

export interface SteeringState {
  /** Why nothing can be held or skipped any more; null: it can. */
  readonly tooLate: string | null;
  readonly pause: { readonly by: string; readonly since: string } | null;
  /** Who ended the watch that is about to end. */
  readonly promotedBy: string | null;
  readonly doing: Doing;
}

/** A pause never blinds the judge: what it holds is the next step, not the watch. */
export function decidePause({ tooLate, pause, doing }: SteeringState): Decision {
  if (tooLate !== null) return refuse(tooLate);
  if (pause !== null) return refuse(`paused already, by ${pause.by} since ${pause.since}`);
  return accept(HELD[doing.kind]);
}

const HELD: Readonly<Record<Doing['kind'], string>> = {
  watch: 'the watch goes on and may still say no; what comes after it waits',
  exposed: 'users may meet it now: its watch goes on and may say no; what comes after it waits',
  approval: 'the approval is still waited for, until its deadline; what comes after it waits',
  waiver: 'the waiver is still waited for, until its deadline; what comes after it waits',
  step: 'what is under way is finished; the next step waits',
};

export function decideResume({ tooLate, pause }: SteeringState): Decision {
  if (tooLate !== null) return refuse(tooLate);
  if (pause === null) return refuse('it is not paused');
  return accept(`goes on; it was paused by ${pause.by} since ${pause.since}`);
}

/** Ends a running watch, for which it needs whom a waiver needs, and a pause; anything else that is waited for has a message of its own. */
export function decidePromote(state: SteeringState, by: string): Decision {
  const { tooLate, pause, promotedBy, doing } = state;
  if (tooLate !== null) return refuse(tooLate);
  if (doing.kind === 'watch') return decideEndOfWatch(doing, by, promotedBy);
  const instead = INSTEAD[doing.kind];
  if (pause !== null) return accept(`the pause by ${pause.by} is over${instead === null ? '' : `; ${instead}`}`);
  if (instead !== null) return refuse(instead);
  return refuse(`nothing is waited for that could be skipped${doing.kind === 'step' ? under(doing.name) : ''}`);
}

function decideEndOfWatch(
  { requester, policy, held }: Extract<Doing, { kind: 'watch' }>,
  by: string,
  promotedBy: string | null,
): Decision {
  if (promotedBy !== null) return refuse(`promoted already, by ${promotedBy}`);
  const standing = policy === null ? accept('') : mayDecide({ requester, policy }, by);
  if (!standing.accepted) return standing;
  const counts = held ? 'counts as a waiver: ' : '';
  return accept(`${counts}the watch ends now, and what comes next begins unless it finds the release unhealthy`);
}

const INSTEAD: Readonly<Record<Doing['kind'], string | null>> = {
  approval: 'an approval is waited for, which `mvca approve` gives',
  waiver: 'a waiver is waited for, which `mvca waive` gives',
  watch: null,
  exposed: null,
  step: null,
};

const under = (step: string): string => (step === '' ? '' : `: ${step} is under way`);

/** May a newer deployment take the place of one that runs? Only the running one can say so: it alone knows what it has begun. */
import type { Decision } from './decide';

export interface Replaceable {
  readonly app: string;
  readonly kind: 'deploy' | 'rollback' | 'policy';
  /** It makes room already, and why; null: not yet. */
  readonly superseded: string | null;
  /** Why an abort would come too late; null: it would not. */
  readonly tooLate: string | null;
  /** Something in production was begun that is not undone. */
  readonly changedProduction: boolean;
}

export function decideSupersede(state: Replaceable): Decision {
  const { app, kind, superseded, tooLate, changedProduction } = state;
  const wait = 'or wait for its end: --on-conflict queue';
  if (superseded !== null) return { accepted: true, reason: 'it makes room already' };
  if (kind === 'policy') return refuse(`it changes the policy, and nothing takes the place of that; ${wait}`);
  if (kind === 'rollback') return refuse(`it is a rollback, and nothing takes the place of one; ${wait}`);
  if (tooLate !== null) return refuse(`it comes to its end by itself (${tooLate}); ${wait}`);
  if (changedProduction)
    return refuse(`it has begun to change production; undo that first: mvca abort ${app} --reason WHY, ${wait}`);
  return { accepted: true, reason: 'nothing in production was changed: it makes room' };
}

const refuse = (reason: string): Decision => ({ accepted: false, reason });

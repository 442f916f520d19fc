/** Whoever works alone says yes to their own deployments. While nobody else was ever heard, that is a first use still. */
import type { ApprovalSpec } from '../spec/spec';
import type { Claim, KeptEnvironment, KeptPolicy } from './policy';

export interface Speaking {
  readonly by: string;
  readonly claims: readonly Claim[];
  /** Whether anybody else has an identity, or stands in the audit log of the application. */
  readonly othersHeard: boolean;
}

/** What is kept, with the requester's own yes where the spec asks for that now, and nobody else has ever had a word. */
export function withOwnYes(kept: KeptPolicy | null, speaking: Speaking): KeptPolicy | null {
  if (kept === null || speaking.othersHeard) return kept;
  const environments = kept.environments.map((environment) =>
    isOwn(environment, speaking) && environment.approval !== null
      ? { ...environment, approval: { ...environment.approval, requester: 'may' as const } }
      : environment,
  );
  return { ...kept, environments };
}

/** Could it be asked for at all? Most requests need no look at who was heard. */
export const asksForOwnYes = (kept: KeptPolicy | null, speaking: Omit<Speaking, 'othersHeard'>): boolean =>
  kept?.environments.some((environment) => isOwn(environment, speaking)) ?? false;

function isOwn({ environment, approval, by }: KeptEnvironment, speaking: Omit<Speaking, 'othersHeard'>): boolean {
  const asked = speaking.claims.find((claim) => claim.environment === environment)?.approval;
  return asked?.requester === 'may' && by === speaking.by && approval !== null && names(approval, by);
}

const names = ({ from, needs, requester }: ApprovalSpec, by: string): boolean =>
  requester === 'may-not' && needs === 1 && from.every((name) => name === by);

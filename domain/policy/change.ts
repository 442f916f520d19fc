/** What a change of a policy comes to, and whose yes it needs: the old policy's, unless it asks for more than that. */
import type { ApprovalPolicy } from '../approvals/decide';
import type { ApprovalSpec } from '../spec/spec';
import type { Address, Tier } from '../words';
import { addressWords } from './addresses';
import { repositoryWords } from './admit';
import { approvalWords, isAsStrong } from './approval';
import type { KeptEnvironment, KeptPolicy, RepositoryId } from './policy';

/** One thing at a time: what is approved is then one sentence. */
export type Change =
  | { readonly kind: 'approval'; readonly environment: Tier; readonly to: Partial<ApprovalPolicy> }
  /** Keeps this address, and lets go of the others that the environment has. */
  | { readonly kind: 'listen'; readonly environment: Tier; readonly to: Address }
  | { readonly kind: 'repository'; readonly to: RepositoryId };

export interface Proposal {
  readonly kind: 'proposed';
  readonly words: string;
  /** Whose yes it needs; null: it counts at once. */
  readonly approval: ApprovalSpec | null;
  /** The environment whose people decide. */
  readonly environment: Tier;
  /** Of an approval: what it will be. */
  readonly next: ApprovalSpec | null;
}

export type Proposed = Proposal | { readonly kind: 'refused'; readonly reason: string };

const ORDINARY = { from: [], needs: 1, deadlineMs: 86_400_000, onRejected: 'keep' } as const;

/** @param by who asks for it; @param kept null: nothing yet */
export function propose(app: string, by: string, change: Change, kept: KeptPolicy | null): Proposed {
  if (kept === null)
    return { kind: 'refused', reason: `nothing is kept of ${app} yet: its first deployment records it (mvca deploy)` };
  if (change.kind === 'repository') return moved(by, change.to, kept);
  const found = kept.environments.find((each) => each.environment === change.environment);
  if (change.kind === 'approval') return approving(by, change, found?.approval ?? null);
  const words = `${change.environment} of ${app} keeps ${addressWords(change.to)}${lettingGo(found, change.to)}`;
  return proposal(words, { by, environment: change.environment, decides: found?.approval ?? null });
}

function approving(
  by: string,
  { environment, to }: Extract<Change, { kind: 'approval' }>,
  kept: ApprovalSpec | null,
): Proposed {
  const requester = environment === 'production' ? 'may-not' : 'may';
  const next: ApprovalSpec = { ...ORDINARY, requester, ...kept, ...to };
  if (next.from.length > 0 && next.needs > next.from.length) {
    const reason = `${next.needs} approvals cannot come from ${next.from.join(', ')} alone: name more people, or ask for fewer`;
    return { kind: 'refused', reason };
  }
  const words = `approval of ${environment}: ${approvalWords(next)} (before: ${approvalWords(kept)})`;
  const decides = isAsStrong(next, kept) ? null : kept;
  return { ...proposal(words, { by, environment, decides }), next };
}

/** The last environment that asks anybody decides: nothing is more than what reaches users. */
function moved(by: string, to: RepositoryId, kept: KeptPolicy): Proposed {
  const asking = kept.environments.findLast(({ approval }) => approval !== null);
  const before = kept.repository === null ? '' : ` (before: ${repositoryWords(kept.repository)})`;
  const words = `the name ${kept.app} belongs to ${repositoryWords(to)}${before}`;
  const environment = asking?.environment ?? kept.environments.at(-1)?.environment ?? 'production';
  return proposal(words, { by, environment, decides: asking?.approval ?? null });
}

interface Deciding {
  readonly by: string;
  readonly environment: Tier;
  readonly decides: ApprovalSpec | null;
}

const proposal = (words: string, { by, environment, decides }: Deciding): Proposal => ({
  kind: 'proposed',
  words,
  environment,
  approval: decides === null || isEnough(decides, by) ? null : decides,
  next: null,
});

/** Would their own yes be all that the policy asks for? */
const isEnough = ({ from, needs, requester }: ApprovalPolicy, by: string): boolean =>
  requester === 'may' && needs === 1 && (from.length === 0 || from.includes(by));

function lettingGo(kept: KeptEnvironment | undefined, to: Address): string {
  const others = (kept?.addresses ?? []).map(addressWords).filter((words) => words !== addressWords(to));
  return others.length === 0 ? '' : ` and lets go of ${others.join(', ')}`;
}

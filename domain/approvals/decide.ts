/** Does a message count? Message and state in, accepted or refused with the reason out. A refused one changes nothing. */

export interface Decision {
  readonly accepted: boolean;
  readonly reason: string;
}

export interface ApprovalPolicy {
  /** Empty: anybody. */
  readonly from: readonly string[];
  readonly needs: number;
  readonly requester: 'may' | 'may-not';
}

export interface ApprovalState {
  readonly requester: string;
  readonly digest: string;
  readonly policy: ApprovalPolicy;
  /** Who approved already. */
  readonly given: readonly string[];
}

export const accept = (reason: string): Decision => ({ accepted: true, reason });
export const refuse = (reason: string): Decision => ({ accepted: false, reason });

/** @param state how an earlier wait ended, or null before any: no approval is being waited for. */
export function decideApprove(
  state: ApprovalState | string | null,
  message: { readonly by: string; readonly digest: string },
): Decision {
  if (state === null || typeof state === 'string') return refuse(notWaiting(state));
  const standing = mayDecide(state, message.by);
  if (!standing.accepted) return standing;
  if (message.digest !== state.digest) return refuse(`the digest is not that of the plan, which is ${state.digest}`);
  if (state.given.includes(message.by)) return refuse(`${message.by} has approved already`);
  return accept(`${state.given.length + 1} of ${state.policy.needs}`);
}

/** A no needs no four eyes: the requester may say it too. */
export function decideReject(
  state: ApprovalState | string | null,
  message: { readonly by: string; readonly digest?: string },
): Decision {
  if (state === null || typeof state === 'string') return refuse(notWaiting(state));
  if (message.digest !== undefined && message.digest !== state.digest) {
    return refuse(`the digest is not that of the plan, which is ${state.digest}`);
  }
  const { from } = state.policy;
  if (from.length > 0 && !from.includes(message.by) && message.by !== state.requester)
    return refuse(notListed(message.by, from));
  return accept('the deployment is rejected');
}

export interface WaiverState {
  readonly requester: string;
  readonly policy: Pick<ApprovalPolicy, 'from' | 'requester'> | null;
  /** The findings that nobody waived yet, as `tests/coverage`; `watch` for a watch. */
  readonly open: readonly string[];
  /** Environments to come, for which it can be waived at once; missing: none. */
  readonly later?: readonly string[];
}

/** Without a finding the waiver is for all that is open; `*` (or `*` and a slash before a finding): in the environments to come as well. */
export interface WaiveMessage {
  readonly by: string;
  readonly reason: string;
  readonly finding: string | null;
}

/** Of a waiver that counts in every environment. */
export const EVERYWHERE = '*';

/** What a waiver's finding names, and whether that counts in the environments to come as well. */
export function readFinding(finding: string | null): { readonly id: string | null; readonly everywhere: boolean } {
  if (finding === EVERYWHERE) return { id: null, everywhere: true };
  const prefix = `${EVERYWHERE}/`;
  return finding?.startsWith(prefix) === true
    ? { id: finding.slice(prefix.length), everywhere: true }
    : { id: finding, everywhere: false };
}

/** @param state null: nobody waits for a waiver. */
export function decideWaive(state: WaiverState | null, { by, reason, finding }: WaiveMessage): Decision {
  if (state === null) return refuse('nothing waits for a waiver');
  if (reason.trim() === '') return refuse('a waiver needs a written reason');
  const { requester, policy, open, later = [] } = state;
  const standing = policy === null ? accept('') : mayDecide({ requester, policy }, by);
  if (!standing.accepted) return standing;
  const { id, everywhere } = readFinding(finding);
  const left = openAfter(open, id);
  if (left === null) return refuse(`\`${id}\` is not open; open: ${open.join(', ')}`);
  const also = everywhere && later.length > 0 ? `; in ${later.join(' and ')} as well, if it says the same` : '';
  return accept(`${left.length === 0 ? 'goes on' : `still open: ${left.join(', ')}`}${also}`);
}

/** What stays open when a finding (by its id, or gate and id; null: each) is waived; null: there is no such finding. */
export function openAfter(open: readonly string[], finding: string | null): readonly string[] | null {
  if (finding === null) return [];
  const left = open.filter((id) => id !== finding && id.slice(id.indexOf('/') + 1) !== finding);
  return left.length === open.length ? null : left;
}

/** @param phase null: the deployment is undone or done already, which says `tooLate`. */
export function decideAbort(tooLate: string | null): Decision {
  return tooLate === null ? accept('the deployment is undone') : refuse(tooLate);
}

/** Whose turn it is, as it is shown. */
export const whoseTurn = (
  policy: Pick<ApprovalPolicy, 'from' | 'requester'> | null,
  requester: string,
): { readonly from: readonly string[]; readonly notBy?: string } => ({
  from: policy?.from ?? [],
  ...(policy?.requester === 'may-not' && { notBy: requester }),
});

/** Is this person among those who decide? */
export function mayDecide(
  state: { requester: string; policy: Pick<ApprovalPolicy, 'from' | 'requester'> },
  by: string,
): Decision {
  const { from, requester } = state.policy;
  if (from.length > 0 && !from.includes(by)) return refuse(notListed(by, from));
  if (requester === 'may-not' && by === state.requester) {
    return refuse(`${by} asked for this deployment; somebody else must decide (approval.requester: may-not). ${ALONE}`);
  }
  return accept('');
}

const ALONE =
  'Whoever works alone writes `approval: { requester: may }` under this environment in the spec, commits it, and deploys it ' +
  'in place of this: `mvca deploy --on-conflict supersede`; while nobody else was ever heard of the application, that counts';

const notWaiting = (ended: string | null): string =>
  ended === null ? 'no approval is being waited for' : `too late, no approval is being waited for any more: ${ended}`;

const notListed = (by: string, from: readonly string[]): string =>
  `${by} is not among those who may decide: ${from.join(', ')}`;

/** Characters of a text that are taken from a message. */
export const TEXT_LIMIT = 2_000;

const NAME = /^[^\p{C}]{1,100}$/u;

/** What came over the wire, checked: signals can be sent from anywhere, with anything in them. */
export function readMessage(
  message: unknown,
  needed: readonly string[],
):
  | { readonly ok: true; readonly fields: Record<string, string> }
  | { readonly ok: false; readonly by: string; readonly reason: string } {
  if (message === null || typeof message !== 'object')
    return { ok: false, by: '', reason: 'the message is not one object' };
  const fields: Record<string, string> = {};
  for (const [key, value] of Object.entries(message)) {
    if (typeof value === 'string') fields[key] = value.slice(0, key === 'signature' ? 8_000 : TEXT_LIMIT);
    else if (value !== null && value !== undefined) return { ok: false, by: '', reason: `\`${key}\` is not text` };
  }
  const by = fields['by']?.trim() ?? '';
  if (!NAME.test(by)) return { ok: false, by: '', reason: '`by` must name the person' };
  const missing = needed.filter((key) => (fields[key] ?? '').trim() === '');
  if (missing.length > 0) return { ok: false, by, reason: `\`${missing.join('`, `')}\` must be given` };
  return { ok: true, fields: { ...fields, by } };
}

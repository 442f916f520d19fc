/** The messages of people. Each is decided by plain code; a refused one changes nothing; all are audited and shown in `status`. */
import { setHandler } from '@temporalio/workflow';
import {
  decideAbort,
  decideApprove,
  decideReject,
  decideWaive,
  mayDecide,
  openAfter,
  readFinding,
  readMessage,
  refuse,
  type ApprovalState,
  type Decision,
} from '../../domain/approvals/decide';
import { claimWords, nameProblem } from '../../domain/identity/decide';
import type { Proven } from '../../domain/identity/identity';
import { decidePause, decidePromote, decideResume } from '../../domain/approvals/steer';
import type { MessageView } from '../../domain/deployment';
import { outcomeSentence } from '../../domain/reports/sentence';
import { abort, approve, pause, promote, reject, resume, supersede, waive } from '../messages';
import type { Deployment } from './deployment';
import { isGuarded } from './guarded';
import { hear } from './hear';
import { makesRoom } from './makes-room';

type Kind = MessageView['kind'];
type Fields = Record<string, string>;

interface Handled {
  readonly kind: Kind;
  /** Fields that must be there, besides `by`. */
  readonly needed: readonly string[];
  readonly decide: (deployment: Deployment, fields: Fields, key?: string | null) => Decision;
  /** The notifiers are told when it counts. */
  readonly event?: 'paused' | 'resumed' | 'promoted';
}

/** Registers all handlers; call it before anything is awaited. */
export function listen(deployment: Deployment): void {
  hear(deployment);
  const handle = (handled: Handled) => (message: unknown) => answer(deployment, handled, message);
  setHandler(approve, handle({ kind: 'approve', needed: ['digest'], decide: onApprove }), {
    description: 'Say yes to the plan: { "by": "ana", "digest": "sha256:…" }',
  });
  setHandler(reject, handle({ kind: 'reject', needed: ['reason'], decide: onReject }), {
    description: 'Say no to the plan: { "by": "ana", "reason": "…" }',
  });
  setHandler(abort, handle({ kind: 'abort', needed: ['reason'], decide: onAbort }), {
    description: 'Undo everything now: { "by": "ana", "reason": "…" }',
  });
  setHandler(supersede, handle({ kind: 'supersede', needed: [], decide: onSupersede }), {
    description:
      'Make room for a newer deployment, while nothing in production was changed: { "by": "ana", "version": "…" }',
  });
  setHandler(waive, handle({ kind: 'waive', needed: ['reason'], decide: onWaive }), {
    description: 'Go on although it is inconclusive: { "by": "ana", "reason": "…", "finding"?: "tests/coverage" }',
  });
  setHandler(pause, handle({ kind: 'pause', needed: ['reason'], decide: onPause, event: 'paused' }), {
    description: 'Hold the next step; a watch goes on and may still say no: { "by": "ana", "reason": "…" }',
  });
  setHandler(resume, handle({ kind: 'resume', needed: [], decide: onResume, event: 'resumed' }), {
    description: 'End the pause: { "by": "ana", "reason"?: "…" }',
  });
  setHandler(promote, handle({ kind: 'promote', needed: ['reason'], decide: onPromote, event: 'promoted' }), {
    description:
      'End the running watch (and a pause) now and go on, unless it has said no: { "by": "ana", "reason": "…" }',
  });
}

/** Read, whose word it is, and the decision. Where that needs no asking (or was not asked, by older versions), all of it happens at once. */
async function answer(deployment: Deployment, handled: Handled, message: unknown): Promise<void> {
  const read = readMessage(message, handled.needed);
  if (!read.ok) {
    if (deployment.proofs.pending > 0) await deployment.proofs.turn;
    const decision = { accepted: false, reason: `${read.reason}${alsoWrong(deployment, handled.kind, read.by)}` };
    const told = { fields: {}, by: read.by, decision, proven: null };
    return tell(deployment, handled, told);
  }
  const { fields } = read;
  const asked = isGuarded() ? deployment.proofs.of(handled.kind, fields) : null;
  const proven = asked === null ? null : await asked;
  const decision = decideProven(deployment, handled, { fields, proven });
  return tell(deployment, handled, { fields, by: fields['by'] ?? '', decision, proven });
}

/** Who sends half of a message is told at once, too, that the whole of it would not count. */
function alsoWrong({ approval, waiver, steering }: Deployment, kind: Kind, by: string): string {
  const { doing } = steering.state;
  const watched = doing.kind === 'watch' ? doing : null;
  const asked = { approve: approval, waive: waiver, promote: watched }[kind as string] ?? null;
  if (by === '' || asked?.policy == null) return '';
  const { accepted, reason } = mayDecide({ requester: asked.requester, policy: asked.policy }, by);
  return accepted ? '' : `; and ${reason}`;
}

interface Read {
  readonly fields: Fields;
  /** null: nobody was asked. */
  readonly proven: Proven | null;
}

function decideProven(deployment: Deployment, { kind, decide }: Handled, { fields, proven }: Read): Decision {
  const { status } = deployment;
  if (proven === null) return claimed(decide(deployment, fields), { kind: 'claim', kept: status.names === 'signed' });
  const { by = '', digest } = fields;
  if (proven.kind !== 'refused') status.names = proven.kind === 'claim' && !proven.kept ? 'claims' : 'signed';
  const command = `mvca ${kind} ${status.app}`;
  const problem = nameProblem(proven, { meaning: kind, by, command }) ?? otherPlan(status, kind, digest);
  if (problem !== null) return problem;
  const { accepted, reason } = decide(deployment, fields, proven.kind === 'signed' ? proven.fingerprint : null);
  return claimed({ accepted, reason }, proven);
}

const claimed = ({ accepted, reason }: Decision, proven: Proven): Decision => ({
  accepted,
  reason: `${reason}${claimWords(proven)}`,
});

/** Yes and no to a plan look at the digest themselves. */
function otherPlan({ plan }: Deployment['status'], kind: Kind, digest: string | undefined): Decision | null {
  if (digest === undefined || kind === 'approve' || kind === 'reject' || digest === plan?.digest) return null;
  return refuse(`the digest is not that of the plan, which is ${plan?.digest ?? 'not made yet'}`);
}

interface Told extends Read {
  readonly by: string;
  readonly decision: Decision;
}

async function tell(deployment: Deployment, { kind, event }: Handled, told: Told): Promise<void> {
  const { fields, by, proven } = told;
  const { accepted, reason } = told.decision;
  const { id = null, reason: said = '' } = fields;
  const at = new Date(Date.now()).toISOString();
  const key = proven?.kind === 'signed' ? { key: proven.fingerprint } : {};
  deployment.status.messages = [...deployment.status.messages, { id, at, kind, from: by, accepted, reason, ...key }];
  const verdict = accepted ? 'accepted' : 'refused';
  const words = `${kind} by ${by || 'nobody named'} ${verdict}: ${reason}${said === '' ? '' : ` (“${said}”)`}`;
  const facts = { reason: said, ...signedFacts(proven, fields) };
  deployment.note(`${kind}.${verdict}`, words, { by: by || 'unknown', facts });
  deployment.show();
  deployment.writeSoon();
  if (!accepted || event === undefined) return;
  // Who paused it and why stands in the sentence itself.
  const more = event === 'paused' ? '' : ` It was ${event} by ${by}${said === '' ? '' : `: ${said}`}`;
  await deployment.notify(event, `${outcomeSentence(deployment.status)}${more}`);
}

/** What an auditor needs to verify it without us. */
const signedFacts = (proven: Proven | null, { signature = '' }: Fields): Fields =>
  proven?.kind === 'signed' ? { key: proven.fingerprint, statement: proven.statement, signature } : {};

/** The wait that a message speaks to, or how it ended: the first answer that decides stays, also when another follows at once. */
function approvalStanding({ approval, approvalEnded }: Deployment): ApprovalState | string | null {
  if (approval === null) return approvalEnded;
  return approval.answer === null ? approval : approval.reason;
}

function onApprove(deployment: Deployment, fields: Fields, key: string | null = null): Decision {
  const { approval } = deployment;
  const by = fields['by'] ?? '';
  const decision = decideApprove(approvalStanding(deployment), { by, digest: fields['digest'] ?? '' });
  if (!decision.accepted || approval === null) return decision;
  const given = [...approval.given, by];
  const enough = given.length >= approval.policy.needs;
  deployment.approval = {
    ...approval,
    given,
    keys: key === null ? approval.keys : [...approval.keys, { person: by, fingerprint: key }],
    ...(enough ? { answer: 'approved', reason: `approved by ${given.join(', ')}` } : {}),
  };
  const waiting = deployment.status.waitingFor;
  if (waiting !== null) deployment.status.waitingFor = { ...waiting, given: given.length };
  return decision;
}

function onReject(deployment: Deployment, fields: Fields): Decision {
  const { approval } = deployment;
  const by = fields['by'] ?? '';
  const decision = decideReject(approvalStanding(deployment), {
    by,
    ...(fields['digest'] === undefined ? {} : { digest: fields['digest'] }),
  });
  if (decision.accepted && approval !== null) {
    deployment.approval = { ...approval, answer: 'rejected', reason: `rejected by ${by}: ${fields['reason'] ?? ''}` };
  }
  return decision;
}

function onAbort(deployment: Deployment, fields: Fields): Decision {
  const decision = decideAbort(deployment.tooLate);
  if (decision.accepted) deployment.abort(`aborted by ${fields['by'] ?? ''}: ${fields['reason'] ?? ''}`);
  return decision;
}

function onSupersede(deployment: Deployment, fields: Fields): Decision {
  const decision = makesRoom(deployment);
  if (!decision.accepted || deployment.superseded !== null) return decision;
  const version = fields['version']?.trim() || 'a newer deployment';
  deployment.superseded = `superseded by ${version} of ${fields['by'] ?? ''}`;
  deployment.abort(deployment.superseded);
  return decision;
}

function onWaive(deployment: Deployment, fields: Fields): Decision {
  const { waiver } = deployment;
  const { by = '', reason = '' } = fields;
  const finding = fields['finding']?.trim() || null;
  const decision = decideWaive(waiver, { by, reason, finding });
  if (!decision.accepted || waiver === null) return decision;
  const { id, everywhere } = readFinding(finding);
  const open = openAfter(waiver.open, id) ?? waiver.open;
  const findings = waiver.findings.filter((each) => waiver.open.includes(each.id) && !open.includes(each.id));
  deployment.waivers.push({ by, reason, environment: waiver.environment, everywhere, findings });
  const given = [...waiver.given, `${id === null ? '' : `${id} `}waived by ${by}: ${reason}`];
  deployment.waiver = { ...waiver, open, given };
  return id === null ? decision : { ...decision, reason: `${id}: ${decision.reason}` };
}

function onPause({ steering }: Deployment, { by = '', reason = '' }: Fields): Decision {
  const decision = decidePause(steering.state);
  if (decision.accepted) steering.pause(by, reason);
  return decision;
}

function onResume({ steering }: Deployment): Decision {
  const decision = decideResume(steering.state);
  if (decision.accepted) steering.end();
  return decision;
}

function onPromote({ steering }: Deployment, { by = '', reason = '' }: Fields): Decision {
  const decision = decidePromote(steering.state, by);
  if (decision.accepted) steering.promote({ by, reason });
  return decision;
}

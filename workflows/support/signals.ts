/** The messages of people. Each is decided by plain code; a refused one changes nothing; all are audited and shown in `status`. */
import { setHandler } from '@temporalio/workflow';
import {
  decideAbort,
  decideApprove,
  decideReject,
  decideWaive,
  readMessage,
  type Decision,
} from '../../domain/approvals/decide';
import type { MessageView } from '../../domain/deployment';
import { abort, approve, reject, waive } from '../messages';
import type { Deployment } from './deployment';

type Kind = MessageView['kind'];
type Fields = Record<string, string>;

/** Registers all handlers; call it before anything is awaited. */
export function listen(deployment: Deployment): void {
  const handle =
    (kind: Kind, needed: readonly string[], decide: (fields: Fields) => Decision) => (message: unknown) => {
      answer(deployment, kind, message, needed, decide);
    };
  setHandler(
    approve,
    handle('approve', ['digest'], (fields) => onApprove(deployment, fields)),
    {
      description: 'Say yes to the plan: { "by": "ana", "digest": "sha256:…" }',
    },
  );
  setHandler(
    reject,
    handle('reject', ['reason'], (fields) => onReject(deployment, fields)),
    {
      description: 'Say no to the plan: { "by": "ana", "reason": "…" }',
    },
  );
  setHandler(
    abort,
    handle('abort', ['reason'], (fields) => onAbort(deployment, fields)),
    {
      description: 'Undo everything now: { "by": "ana", "reason": "…" }',
    },
  );
  setHandler(
    waive,
    handle('waive', ['reason'], (fields) => onWaive(deployment, fields)),
    {
      description: 'Go on although it is inconclusive: { "by": "ana", "reason": "…" }',
    },
  );
}

function answer(
  deployment: Deployment,
  kind: Kind,
  message: unknown,
  needed: readonly string[],
  decide: (fields: Fields) => Decision,
): void {
  const read = readMessage(message, needed);
  const from = read.ok ? (read.fields['by'] ?? '') : read.by;
  const { accepted, reason } = read.ok ? decide(read.fields) : { accepted: false, reason: read.reason };
  const id = read.ok ? (read.fields['id'] ?? null) : null;
  const at = new Date(Date.now()).toISOString();
  deployment.status.messages = [...deployment.status.messages, { id, at, kind, from, accepted, reason }];
  const said = read.ok ? (read.fields['reason'] ?? '') : '';
  const words = `${kind} by ${from || 'nobody named'} ${accepted ? 'accepted' : 'refused'}: ${reason}${said === '' ? '' : ` (“${said}”)`}`;
  deployment.note(`${kind}.${accepted ? 'accepted' : 'refused'}`, words, from || 'unknown', { reason: said });
  deployment.show();
  deployment.writeSoon();
}

function onApprove(deployment: Deployment, fields: Fields): Decision {
  const { approval } = deployment;
  const by = fields['by'] ?? '';
  const decision = decideApprove(approval, { by, digest: fields['digest'] ?? '' });
  if (!decision.accepted || approval === null) return decision;
  const given = [...approval.given, by];
  const enough = given.length >= approval.policy.needs;
  deployment.approval = {
    ...approval,
    given,
    ...(enough ? { answer: 'approved', reason: `approved by ${given.join(', ')}` } : {}),
  };
  const waiting = deployment.status.waitingFor;
  if (waiting !== null) deployment.status.waitingFor = { ...waiting, given: given.length };
  return decision;
}

function onReject(deployment: Deployment, fields: Fields): Decision {
  const { approval } = deployment;
  const by = fields['by'] ?? '';
  const decision = decideReject(approval, {
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

function onWaive(deployment: Deployment, fields: Fields): Decision {
  const { waiver } = deployment;
  const decision = decideWaive(waiver, { by: fields['by'] ?? '', reason: fields['reason'] ?? '' });
  if (decision.accepted && waiver !== null) {
    deployment.waiver = { ...waiver, given: `waived by ${fields['by'] ?? ''}: ${fields['reason'] ?? ''}` };
  }
  return decision;
}

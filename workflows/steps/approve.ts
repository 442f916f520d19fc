/** Phase 4: people say yes to the plan's digest, or no; a deadline ends the wait. */
import { condition } from '@temporalio/workflow';
import { whoseTurn } from '../../domain/approvals/decide';
import type { Plan } from '../../domain/plan/plan';
import type { ApprovalSpec, EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { call } from '../support/proxies';

type Asked = Pick<Plan, 'digest'>;

export async function waitForApproval(
  deployment: Deployment,
  environment: Pick<EnvironmentSpec, 'name' | 'approval'>,
  plan: Asked,
): Promise<void> {
  if (environment.approval === null) return;
  await deployment.enter('approval', environment.name);
  await deployment.step('approval', `waiting for ${who(environment.approval)}`, async () => {
    const reason = await answerTo(deployment, environment.approval as ApprovalSpec, plan);
    return { value: undefined, summary: reason };
  });
}

async function answerTo(deployment: Deployment, policy: ApprovalSpec, plan: Asked): Promise<string> {
  const { app, kind, requester } = deployment.status;
  const deadline = new Date(Date.now() + policy.deadlineMs).toISOString();
  deployment.approval = { requester, digest: plan.digest, policy, given: [], keys: [], answer: null, reason: '' };
  deployment.waitFor({
    kind: 'approval',
    digest: plan.digest,
    deadline,
    then: 'it is rejected',
    answer: `mvca approve ${app}${kind === 'policy' ? ' --policy' : ''} --digest ${plan.digest}`,
    ...whoseTurn(policy, requester),
    needs: policy.needs,
    given: 0,
  });
  deployment.note('waiting', `waits for ${who(policy)} until ${deadline}`, { facts: { digest: plan.digest } });
  deployment.writeSoon();
  let approved = false;
  try {
    await deployment.notify('waiting');
    await condition(() => deployment.approval?.answer !== null, Date.parse(deadline) - Date.now(), {
      summary: 'approval deadline',
    });
    const { answer } = deployment.approval;
    const reason = answer === null ? `nobody approved before the deadline, ${deadline}` : deployment.approval.reason;
    deployment.approvalEnded = reason;
    approved = answer === 'approved';
    deployment.approvedWith = deployment.approval.keys;
    if (approved) return reason;
    if (answer === 'rejected') throw halt('ApprovalRejected', reason);
    throw halt('ApprovalDeadline', reason);
  } finally {
    // An abort or a cancellation is a no as well.
    if (!approved && policy.onRejected === 'undo') deployment.saga.reopen();
    deployment.approval = null;
    deployment.waitFor(null);
  }
}

/** Whether a key that approved counts no more, by now: then its yes is none, and is asked for again. */
export async function isRevoked(deployment: Deployment): Promise<boolean> {
  const { approvedWith } = deployment;
  if (approvedWith.length === 0) return false;
  const problems = await call('checkKeys', 'do the keys that approved still count?')(approvedWith);
  deployment.approvedWith = [];
  for (const problem of problems) {
    deployment.warn(`the approval counts no more: ${problem}`);
    deployment.note('approve.void', `the approval counts no more: ${problem}`);
  }
  return problems.length > 0;
}

function who({ from, needs, requester }: ApprovalSpec): string {
  const people = from.length === 0 ? (requester === 'may' ? 'anybody' : 'anybody but the requester') : from.join(', ');
  return `${needs} approval${needs === 1 ? '' : 's'} (${people})`;
}

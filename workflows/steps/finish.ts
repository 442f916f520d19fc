/** The end of every deployment: tell, report, write down, answer. Nothing here can change the outcome. */
import { allHandlersFinished, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { DeploymentResult } from '../../domain/deployment';
import type { Outcome } from '../../domain/words';
import type { Deployment } from '../support/deployment';
import { describeFailure, type FailureFacts } from '../support/failure';
import { isGuarded } from '../support/guarded';
import { call } from '../support/proxies';
import { ended, lineId } from '../messages';

export async function finish(
  deployment: Deployment,
  outcome: Outcome,
  failure: FailureFacts | null,
): Promise<DeploymentResult> {
  const { status } = deployment;
  status.failure = failure?.type ?? null;
  deployment.end(outcome, failure?.message ?? null);
  await deployment.notify(outcome);
  // The report carries the head of the audit log: the outcome must stand in it.
  await deployment.journal.write();
  if (isGuarded() && deployment.anchored) await anchor(deployment);
  try {
    status.report = await call('writeReport', 'write the report')(status);
    deployment.note('report.written', status.report);
  } catch (error) {
    status.failures = [...status.failures, `report: ${describeFailure(error).message}`];
  }
  // A message that comes too late must stand there too.
  await deployment.journal.writeAll();
  await condition(allHandlersFinished);
  await deployment.journal.writeAll();
  if (deployment.heard.tellEnd) await tellLine(status.app);
  return {
    outcome,
    app: status.app,
    version: status.version,
    reason: status.reason,
    failure: failure?.type ?? null,
    seconds: (Date.now() - Date.parse(status.startedAt)) / 1000,
    report: status.report,
  };
}

/** The next one in line need not look whether this one still runs. */
async function tellLine(app: string): Promise<void> {
  await getExternalWorkflowHandle(lineId(app))
    .signal(ended)
    .catch(() => undefined); // nobody waits any more
}

/** Nothing here can change the outcome either: what failed is said. */
async function anchor({ status }: Deployment): Promise<void> {
  try {
    const failed = await call(
      'anchorAudit',
      'write the head of the audit log down elsewhere',
    )({ app: status.app, run: status.run });
    if (failed !== null) status.failures = [...status.failures, failed];
  } catch (error) {
    status.failures = [...status.failures, `anchor: ${describeFailure(error).message}`];
  }
}

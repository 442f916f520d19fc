/** Everything that stops a deployment leads here: undo what was done, newest first, and say how it ended. */
import { CancellationScope, patched } from '@temporalio/workflow';
import type { DeploymentResult } from '../../domain/deployment';
import { unfinishedSentence } from '../../domain/rollback';
import type { Outcome, Tier } from '../../domain/words';
import type { Deployment } from '../support/deployment';
import { describeFailure, type FailureFacts } from '../support/failure';
import type { Undone } from '../support/saga';
import { finish } from './finish';
import { whatIsLeft } from './what-is-left';

export interface Stopped {
  /** The environment that the outcome speaks of. */
  readonly last: Tier;
  readonly failure: unknown;
  /** What remains to be done in environments that stay as they are now. */
  readonly after?: () => Promise<void>;
}

export async function rollBack(
  deployment: Deployment,
  { last, failure, after = async () => undefined }: Stopped,
): Promise<DeploymentResult> {
  const facts = whatHappened(deployment, failure);
  deployment.stoppedBy = facts;
  return CancellationScope.nonCancellable(async () => {
    deployment.tooLate = `it is being undone already: ${facts.message}`;
    deployment.steering.end();
    // How long an undo takes is not in the history of what went well.
    deployment.pace.end();
    deployment.status.reason = facts.message;
    const changed = deployment.saga.hasChanged(last);
    // People hear of it at once; going back waits for nobody.
    const told = changed && patched('halted') ? deployment.notify('halted') : null;
    const whole = await undoAll(deployment);
    deployment.closePhase(changed ? 'undone' : 'failed', facts.message);
    deployment.status.wayBack = {
      open: whole,
      reason: whole ? 'everything is as it was' : 'not everything could be undone',
      closes: null,
    };
    await Promise.all([after(), told]);
    return finish(deployment, outcomeOf(changed, whole), facts);
  });
}

/** Answers whether everything was undone; what was not is named, with the command that finishes it. */
async function undoAll(deployment: Deployment): Promise<boolean> {
  const { saga, status } = deployment;
  const isTimed = saga.withinMs > 0 && patched('undo-deadline');
  if (isTimed) {
    const closes = new Date(Date.now() + saga.withinMs).toISOString();
    status.wayBack = { open: true, reason: 'it is being undone; what is not by then makes it rollback-failed', closes };
  }
  const failed: Undone[] = [];
  await saga.undoAll(isTimed, (undone) => {
    const { undo, error, summary } = undone;
    if (error !== null) failed.push(undone);
    status.environment = undo.environment;
    deployment.tell(undo.step, error === null ? 'undone' : 'failed', summary);
  });
  if (isTimed) status.unfinished = await whatIsLeft(deployment, failed);
  const words = isTimed ? status.unfinished.map(unfinishedSentence) : failed.map(({ summary }) => summary);
  status.failures = [...status.failures, ...words];
  return failed.length === 0;
}

function outcomeOf(changed: boolean, whole: boolean): Outcome {
  if (!whole) return 'rollback-failed';
  return changed ? 'rolled-back' : 'rejected';
}

function whatHappened(deployment: Deployment, failure: unknown): FailureFacts {
  if (deployment.superseded !== null) return { type: 'Superseded', message: deployment.superseded };
  if (deployment.aborted !== null) return { type: 'Aborted', message: deployment.aborted };
  return describeFailure(failure);
}

/** Everything that stops a deployment leads here: undo what was done, newest first, and say how it ended. */
import { CancellationScope, patched } from '@temporalio/workflow';
import type { DeploymentResult } from '../../domain/deployment';
import type { Outcome, Tier } from '../../domain/words';
import type { Deployment } from '../support/deployment';
import { describeFailure, type FailureFacts } from '../support/failure';
import { finish } from './finish';

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
    // How long an undo takes is not in the history of what went well.
    deployment.pace.end();
    deployment.status.reason = facts.message;
    const changed = deployment.saga.hasChanged(last);
    // People hear of it at once; going back waits for nobody.
    const told = changed && patched('halted') ? deployment.notify('halted') : null;
    let whole = true;
    await deployment.saga.undoAll(({ undo, error, summary }) => {
      whole &&= error === null;
      deployment.status.environment = undo.environment;
      deployment.tell(undo.step, error === null ? 'undone' : 'failed', summary);
      if (error !== null) deployment.status.failures = [...deployment.status.failures, summary];
    });
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

function outcomeOf(changed: boolean, whole: boolean): Outcome {
  if (!whole) return 'rollback-failed';
  return changed ? 'rolled-back' : 'rejected';
}

function whatHappened(deployment: Deployment, failure: unknown): FailureFacts {
  if (deployment.superseded !== null) return { type: 'Superseded', message: deployment.superseded };
  if (deployment.aborted !== null) return { type: 'Aborted', message: deployment.aborted };
  return describeFailure(failure);
}

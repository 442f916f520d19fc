/** Leaves the old releases to children that outlive the deployment and stop them later. */
import { CancellationScope, ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { retireDetails } from '../../domain/reports/static-details';
import { formatDuration } from '../../domain/units';
import type { Deployment } from '../support/deployment';
import { retireId } from '../messages';
import { retire } from '../retire';
import { SEARCH_ATTRIBUTES } from '../search-attributes';
import { describeFailure } from '../support/failure';
import { isGuarded } from '../support/guarded';

/** In every environment in which the new release is there to stay, however the deployment ended in the others. */
export async function retireOld(deployment: Deployment, environments: readonly EnvironmentSpec[]): Promise<void> {
  const planned = environments
    .filter(({ name }) => deployment.saga.isProven(name))
    .map((environment) => async (): Promise<void> => {
      const target = deployment.status.plan?.environments.find((part) => part.environment === environment.name)?.target;
      if (target != null) await retireLater(deployment, environment, target.release);
    });
  if (isGuarded()) await Promise.all(planned.map((retired) => retired()));
  else for (const retired of planned) await retired();
}

export async function retireLater(
  deployment: Deployment,
  environment: EnvironmentSpec,
  release: string,
): Promise<void> {
  const { app } = deployment.status;
  try {
    await CancellationScope.nonCancellable(() =>
      startChild(retire, {
        args: [{ app, environment, release }],
        workflowId: retireId(app, environment.name, release),
        // A second wait for the same release begins anew: it was used again in between.
        workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        typedSearchAttributes: [
          { key: SEARCH_ATTRIBUTES.app, value: app },
          { key: SEARCH_ATTRIBUTES.environment, value: environment.name },
        ],
        staticDetails: retireDetails({ app, environment, release }),
        staticSummary: `stops ${release} of ${app} in ${environment.name} after ${formatDuration(environment.retire.afterMs)}`,
      }),
    );
    deployment.note(
      'retire.planned',
      `${release} in ${environment.name} after ${formatDuration(environment.retire.afterMs)}`,
    );
  } catch (error) {
    deployment.status.failures = [...deployment.status.failures, `${release} stays: ${describeFailure(error).message}`];
  }
}

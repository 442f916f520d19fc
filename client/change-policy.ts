/** Asks the engine for a change of what it keeps of an application. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { policy } from '../workflows';
import { policyId, type PolicyRequest } from '../workflows/messages';
import type { EngineConnection } from './connection';
import { deploymentHandle, type Deployment } from './deployment';
import { Refused } from './errors';
import { signedPolicy } from './signing/signed';

const START_MS = 10_000;

/** @throws Refused while another change of it is waited for; EngineUnreachable */
export async function changePolicy(connection: EngineConnection, request: PolicyRequest): Promise<Deployment> {
  const id = policyId(request.app);
  const signed = await signedPolicy(connection, request);
  try {
    const handle = await connection.within(START_MS, (client) =>
      client.workflow.start<typeof policy>('policy', {
        workflowId: id,
        taskQueue: connection.taskQueue,
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `change of the policy of ${request.app}, asked for by ${request.by}`,
        args: [signed],
      }),
    );
    return deploymentHandle(connection, id, handle.firstExecutionRunId);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const next = `answer that first: mvca approve ${request.app} --policy, or mvca reject ${request.app} --policy --reason WHY`;
    throw new Refused(`another change of the policy of ${request.app} is waited for; ${next}`, null);
  }
}

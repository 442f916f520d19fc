/** What the last deployment of an application was asked with: Temporal keeps it in the run's first event. */
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { DeployRequest } from '../domain/deployment';
import { deploymentId } from '../workflows/messages';
import type { EngineConnection } from './connection';

const READ_MS = 10_000;
/** So many runs are looked at: rollbacks, which carry one environment only, may stand between. */
const RUNS = 20;

/** null: no deployment of it is kept in Temporal. @throws EngineUnreachable */
export async function lastRequest(connection: EngineConnection, app: string): Promise<DeployRequest | null> {
  return connection.within(READ_MS, async (client) => {
    const query = `WorkflowId = '${deploymentId(app)}' AND WorkflowType = 'deploy'`;
    let newest: { readonly runId: string; readonly startTime: Date } | null = null;
    let seen = 0;
    for await (const { runId, startTime } of client.workflow.list({ query, pageSize: RUNS })) {
      if (newest === null || startTime > newest.startTime) newest = { runId, startTime };
      if (++seen >= RUNS) break;
    }
    return newest === null ? null : firstInput(connection, deploymentId(app), newest.runId);
  });
}

async function firstInput(
  { client, namespace }: EngineConnection,
  workflowId: string,
  runId: string,
): Promise<DeployRequest | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [request] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
  return (request as DeployRequest | undefined) ?? null;
}

/** What the line of an application asks of the deployment that runs: to make room, and when it has ended. */
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { DeploymentStatus } from '../../domain/deployment';
import type { Decision } from '../../domain/approvals/decide';
import type { LineActivities, MakeRoomRequest } from '../contract';
import { notYet } from '../not-yet';

/** One that waits hears from a deployment that ends; this is for those that were terminated, or are of an older version. */
const UNTIL_ENDED = { firstMs: 300, mostMs: 30_000 };
const UNTIL_ANSWERED = { firstMs: 200, mostMs: 2_000 };
/** Names of the deployment's messages: public, and never changed. */
const STATUS = 'status';
const SUPERSEDE = 'supersede';

/** Both speak to Temporal on the worker's own connection. */
export function createLineActivities(): LineActivities {
  return {
    awaitEnd: async ({ deployment }) => {
      const handle = Context.current().client.workflow.getHandle(deployment);
      if (await isRunning(handle)) throw notYet(`${deployment} runs`, UNTIL_ENDED);
    },
    makeRoom: async (request) => {
      const { client } = Context.current();
      const { workflowId, runId } = await idsOf(client.workflow.getHandle(request.deployment));
      const handle = client.workflow.getHandle(workflowId, runId);
      return (await isRunning(handle)) ? ask(handle, request) : NOBODY;
    },
  };
}

const NOBODY: Decision = { accepted: true, reason: 'nothing runs' };

async function idsOf(handle: WorkflowHandle): Promise<{ readonly workflowId: string; readonly runId?: string }> {
  const description = await described(handle);
  return description === null ? { workflowId: handle.workflowId } : description;
}

const isRunning = async (handle: WorkflowHandle): Promise<boolean> =>
  (await described(handle))?.status.name === 'RUNNING';

/** null: there is no such run. */
async function described(handle: WorkflowHandle): Promise<Awaited<ReturnType<WorkflowHandle['describe']>> | null> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Asked once: a repeated call finds the answer by the message's id. */
async function ask(handle: WorkflowHandle, { id, by, version }: MakeRoomRequest): Promise<Decision> {
  const answerOf = async (): Promise<Decision | null> => {
    const { messages } = await handle.query<DeploymentStatus>(STATUS);
    const found = messages.find((message) => message.id === id);
    return found === undefined ? null : { accepted: found.accepted, reason: found.reason };
  };
  const known = await answerOf();
  if (known !== null) return known;
  try {
    await handle.signal(SUPERSEDE, { by, version, id });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return NOBODY;
    throw error;
  }
  const answer = await answerOf();
  if (answer !== null) return answer;
  if (!(await isRunning(handle))) return NOBODY;
  throw notYet(`${handle.workflowId} has not answered yet`, UNTIL_ANSWERED);
}

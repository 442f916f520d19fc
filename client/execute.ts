/** Short workflows that answer the client. */
import { randomUUID } from 'node:crypto';
import {
  WorkflowFailedError,
  type Workflow,
  type WithWorkflowArgs,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure, type Duration } from '@temporalio/common';
import type { inspect } from '../workflows';
import type { InspectQuery } from '../workflows/messages';
import type { EngineConnection } from './connection';
import { EngineUnreachable, Refused } from './errors';

const START_MS = 10_000;
export const READ_TIMEOUT = '25s';
/** Of what takes back, and of what a person waits for. */
export const URGENT = { priorityKey: 1 } as const;

type Asked<W extends Workflow> = WithWorkflowArgs<
  W,
  {
    workflowId: string;
    workflowExecutionTimeout: Duration;
    workflowIdConflictPolicy?: 'TERMINATE_EXISTING';
  }
>;

/** Runs a workflow that answers within seconds. @throws Refused, EngineUnreachable */
export async function execute<W extends Workflow>(
  connection: EngineConnection,
  type: string,
  options: Asked<W>,
): Promise<Awaited<ReturnType<W>>> {
  const request = {
    priority: URGENT,
    ...options,
    taskQueue: connection.taskQueue,
  } as unknown as WorkflowStartOptions<W>;
  const handle = await connection.within(START_MS, (client) => client.workflow.start<W>(type, request));
  try {
    return (await handle.result()) as Awaited<ReturnType<W>>;
  } catch (error) {
    throw readFailure(error, connection.address);
  }
}

/** Asks a worker. @throws Refused, EngineUnreachable */
export const ask = <T>(connection: EngineConnection, query: InspectQuery): Promise<T> =>
  execute<typeof inspect>(connection, 'inspect', {
    workflowId: `inspect/${randomUUID()}`,
    workflowExecutionTimeout: READ_TIMEOUT,
    args: [query],
  }) as Promise<T>;

function readFailure(error: unknown, address: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return new Refused(cause.message, cause.type ?? null, { cause: error });
    if (cause instanceof TimeoutFailure && !(cause.cause instanceof Error)) return noWorker(address, error);
  }
  return error;
}

const noWorker = (address: string, cause: unknown): EngineUnreachable =>
  new EngineUnreachable(
    `no worker of the engine at ${address} answered in time; look at \`mvca status\` and \`mvca doctor\`, or start a worker with \`mvca worker\``,
    { cause },
  );

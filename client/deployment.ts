/** A handle on one run: ask how it stands, answer it, follow it, wait for its end. */
import type { WorkflowExecutionStatusName, WorkflowHandle } from '@temporalio/client';
import type { DeploymentResult, DeploymentStatus, StepEvent } from '../domain/deployment';
import { status as statusQuery } from '../workflows/messages';
import type { EngineConnection } from './connection';
import { neverBegan, NoDeployment } from './errors';
import { follow, type FollowOptions, type FollowUpdate } from './follow';
import { liveActivities, type LiveActivity } from './live';
import { sendMessage, withoutKind, type Answer, type Message } from './send-message';
import { signedMessage } from './signing/signed';

const ANSWER_MS = 10_000;
/** A follower would rather say soon that nobody answers. */
const LOOK_MS = 6_000;
const PASTE_MS = 3_600_000;

/** How Temporal sees the run. Ended otherwise than `completed`, a run has no outcome of its own. */
export type RunState = 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out';

/** Everything that can be seen of a run at one moment. */
export interface Look {
  readonly status: DeploymentStatus;
  readonly state: RunState;
  readonly activities: readonly LiveActivity[];
}

export interface Deployment {
  /** Workflow id: `deploy/<app>`. */
  readonly id: string;
  readonly run: string;
  readonly app: string;
  /** Its page in the Web UI, where that is known. */
  readonly webUi: string | null;
  /** How it stands; also after its end. @throws EngineUnreachable */
  status(): Promise<DeploymentStatus>;
  /** Status, state of the run and what its activities say. @throws EngineUnreachable */
  look(): Promise<Look>;
  /** Signs a message where people have identities, sends it and waits for the answer. */
  send(message: Message): Promise<Answer>;
  /** The same for whoever sends it elsewhere, within the hour: the argument of the signal that has its kind as name. */
  paste(message: Message): Promise<object>;
  /** Says yes to a plan's digest. Who may not, or a wrong digest, is an answer and no error. */
  approve(message: { readonly by: string; readonly digest: string; readonly reason?: string }): Promise<Answer>;
  reject(message: { readonly by: string; readonly digest?: string; readonly reason: string }): Promise<Answer>;
  /** Undoes everything that was changed. */
  abort(message: { readonly by: string; readonly reason: string }): Promise<Answer>;
  /** Goes on although something is inconclusive. */
  waive(message: { readonly by: string; readonly reason: string; readonly finding?: string }): Promise<Answer>;
  /** Holds the next step, until `resume` or a deadline that undoes everything; a watch goes on and may still say no. */
  pause(message: { readonly by: string; readonly reason: string }): Promise<Answer>;
  resume(message: { readonly by: string; readonly reason?: string }): Promise<Answer>;
  /** Ends the running watch and a pause, and goes on; never over a verdict of `unhealthy`. */
  promote(message: { readonly by: string; readonly reason: string }): Promise<Answer>;
  /** Every step from the first on, as it happens, until the end. Goes on over restarts of the engine. */
  events(): AsyncIterable<StepEvent>;
  /** Every look until the end, and the times when the engine is away. */
  follow(options?: FollowOptions): AsyncIterable<FollowUpdate>;
  /**
   * Waits for the end, however long it takes.
   * @throws WorkflowFailedError when the run was terminated or cancelled from outside before it could end by itself.
   */
  result(): Promise<DeploymentResult>;
}

export function deploymentHandle(connection: EngineConnection, id: string, run: string): Deployment {
  const handle = (): WorkflowHandle => connection.client.workflow.getHandle(id, run);
  const status = () => connection.within(ANSWER_MS, () => queryStatus(handle()));
  const app = id.slice(id.indexOf('/') + 1);
  const signed = (message: Message, options?: { readonly countsForMs: number }) =>
    signedMessage(connection, { app, id, run, status }, message, options);
  const send = async (message: Message) => sendMessage(connection, handle, await signed(message));
  const deployment: Deployment = {
    id,
    run,
    app,
    webUi: connection.webUi(id, run),
    status,
    look: () => connection.within(LOOK_MS, () => look(connection, handle())),
    send,
    paste: async (message) => withoutKind(await signed(message, { countsForMs: PASTE_MS })),
    approve: (message) => send({ kind: 'approve', ...message }),
    reject: (message) => send({ kind: 'reject', ...message }),
    abort: (message) => send({ kind: 'abort', ...message }),
    waive: (message) => send({ kind: 'waive', ...message }),
    pause: (message) => send({ kind: 'pause', ...message }),
    resume: (message) => send({ kind: 'resume', ...message }),
    promote: (message) => send({ kind: 'promote', ...message }),
    events: () => eventsOf(deployment),
    follow: (options) => follow(deployment, connection, options),
    result: () => handle().result() as Promise<DeploymentResult>,
  };
  return deployment;
}

async function look(connection: EngineConnection, handle: WorkflowHandle): Promise<Look> {
  // The description first: what ends in between is seen as running once more, never as ended with an old status.
  const description = await handle.describe();
  const [status, activities] = await Promise.all([queryStatus(handle), liveActivities(connection.client, description)]);
  return { status, state: runState(description.status.name), activities };
}

async function queryStatus(handle: WorkflowHandle): Promise<DeploymentStatus> {
  try {
    return await handle.query(statusQuery);
  } catch (error) {
    if (!neverBegan(error)) throw error;
    throw new NoDeployment(`${handle.workflowId} was ended in Temporal before it began; nothing was changed by it`);
  }
}

async function* eventsOf(deployment: Deployment): AsyncGenerator<StepEvent> {
  let seen = 0;
  for await (const update of deployment.follow()) {
    if (update.kind !== 'look') continue;
    for (const step of update.look.status.steps) {
      if (step.sequence <= seen) continue;
      seen = step.sequence;
      yield step;
    }
  }
}

const STATES: Readonly<Record<WorkflowExecutionStatusName, RunState>> = {
  UNSPECIFIED: 'running',
  UNKNOWN: 'running',
  RUNNING: 'running',
  PAUSED: 'running',
  CONTINUED_AS_NEW: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
};

export const runState = (name: WorkflowExecutionStatusName): RunState => STATES[name];

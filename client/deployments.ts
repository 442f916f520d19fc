/** The typed way to start and find deployments. */
import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { DeployRequest } from '../domain/deployment';
import type { FreezeAnswer, FreezeChange, FreezeStanding, FreezeView } from '../domain/freezes/freeze';
import type { IdentityChange, IdentityView } from '../domain/identity/identity';
import type { KeptPolicy } from '../domain/policy/policy';
import type { Place } from '../domain/line';
import type { Plan } from '../domain/plan/plan';
import type { DeploymentRow } from '../domain/records';
import { deployDetails, rollbackDetails } from '../domain/reports/static-details';
import type { Spec } from '../domain/spec/spec';
import type { Tier } from '../domain/words';
import type { deploy, freeze, identity, plan, retire, rollback } from '../workflows';
import {
  deploymentId,
  policyId,
  retireId,
  type PolicyRequest,
  type InspectQuery,
  type RetireRequest,
  type Retirement,
  type RollbackRequest,
} from '../workflows/messages';
import { alreadyRunning } from './already-running';
import type { EngineConnection } from './connection';
import { deployRequest } from './deploy-request';
import { deploymentHandle, type Deployment } from './deployment';
import { isNotFound } from './errors';
import { changePolicy } from './change-policy';
import { ask, execute, READ_TIMEOUT, URGENT } from './execute';
import { LINE_MS, leaveLine, lineOf, startOrJoin, type LinePlace, type OnConflict } from './line';
import { signedChange, signedRequest, signedRetirement } from './signing/signed';

/**
 * What a server that was killed had handed out is handed out again after this long. With Temporal's ten seconds, and the time that the
 * server needs to come back, a lease would run out meanwhile.
 */
const WORKFLOW_TASK_TIMEOUT = '5s';
const START_MS = 10_000;
/** Draining and stopping have limits of their own; this is for a machine that does not answer. */
const RETIRE_TIMEOUT = '10m';
/** Taking a large source takes a while. */
const PLAN_TIMEOUT = '10m';

export interface StartRequest {
  /** From `loadSpec`. */
  readonly spec: Spec;
  /** Absolute path of the folder that holds the application. */
  readonly directory: string;
  /** Name of the spec's file in it, which the engine reads anew. Default: `deployment.yaml`. */
  readonly file?: string;
  /** Default: the tag, else the short commit, else the digest's start. */
  readonly version?: string | null;
  /** Take changes that git does not have. */
  readonly dirty?: boolean;
  /** The last environment to reach. Default: the spec's last. */
  readonly to?: Tier;
  /** The person who asks for it. Default: `MVCA_USER`, else the account's name. */
  readonly requester?: string;
  /** Why; needed where this version was rolled back the last time. */
  readonly reason?: string | null;
  /** Nobody is there to waive anything: what cannot be decided ends it at once. */
  readonly noWait?: boolean;
}

/** The signature names the workflow that carries it out. */
export interface SignedChange {
  readonly workflowId: string;
  readonly change: IdentityChange;
}

/** As long as it may wait in line, and an hour for whoever goes first. */
const IN_LINE = { countsForMs: LINE_MS + 3_600_000 };

export interface Deployments {
  /**
   * Starts a deployment; it goes on whether or not anybody follows it.
   * @throws AlreadyRunning when another one of the application runs: with its version, phase and age.
   * @throws Refused when the version, the requester or the environment cannot be.
   * @throws EngineUnreachable
   */
  start(request: StartRequest): Promise<Deployment>;
  /**
   * The same for whoever would rather wait: it starts at once where nothing runs, else it has a place in the line, which the engine keeps.
   * @throws Refused, EngineUnreachable
   */
  startInLine(request: StartRequest, mode: Exclude<OnConflict, 'fail'>): Promise<Deployment | LinePlace>;
  rollbackInLine(request: RollbackRequest, mode: Exclude<OnConflict, 'fail'>): Promise<Deployment | LinePlace>;
  /** Those that wait until the running deployment of the application has ended, the next one first. @throws EngineUnreachable */
  line(app: string): Promise<readonly Place[]>;
  /** Takes one out of the line; false: it does not wait there. @throws EngineUnreachable */
  leaveLine(
    app: string,
    leaving: { readonly id: string; readonly by: string; readonly reason: string },
  ): Promise<boolean>;
  /** Starts a rollback to the previous release, or to a named one that is kept. @throws AlreadyRunning, EngineUnreachable */
  rollback(request: RollbackRequest): Promise<Deployment>;
  /** Stops a release for good, unless there is none, or it serves and is to be left then. @throws AlreadyRunning while a deployment may need it; Refused */
  retire(request: RetireRequest): Promise<Retirement>;
  /** The deployment or rollback of the application that runs, or the last that did; null when Temporal knows of none. */
  current(app: string): Promise<Deployment | null>;
  /** Past deployments from the records, newest first. */
  list(filter?: { readonly app?: string; readonly limit?: number }): Promise<readonly DeploymentRow[]>;
  /** What `start` would do; changes nothing. @throws Refused when the source cannot be taken. */
  plan(request: StartRequest): Promise<Plan>;
  /** Asks a worker: records, and what really runs. @throws Refused, EngineUnreachable */
  inspect<T>(query: InspectQuery): Promise<T>;
  /** Adds or removes a key of a person. @throws Refused when whoever signed it may not; EngineUnreachable */
  changeIdentity(change: SignedChange): Promise<readonly IdentityView[]>;
  /** Makes a freeze, or ends some. @throws Refused when its times cannot be; EngineUnreachable */
  freeze(change: FreezeChange): Promise<FreezeAnswer>;
  /** Freezes in force or planned, of an application (with those of all) or every one (null), each with its next five windows. */
  freezes(app: string | null): Promise<readonly FreezeView[]>;
  /** Is production frozen for the application? Records that cannot be read are an answer, too. */
  freezeStanding(app: string): Promise<FreezeStanding>;
  /** What the engine keeps of the application; null: nothing yet. */
  policy(app: string): Promise<KeptPolicy | null>;
  /** Asks for a change of it; where others have to say yes, it waits for them. @throws Refused while another change waits; EngineUnreachable */
  changePolicy(request: PolicyRequest): Promise<Deployment>;
  /** The change of its policy that is waited for, or the last; null when Temporal knows of none. */
  currentPolicy(app: string): Promise<Deployment | null>;
  /** Deployments and rollbacks that run now, of all applications. */
  running(): Promise<readonly Deployment[]>;
}

/** Makes the typed API on a connection. */
export function createDeployments(connection: EngineConnection): Deployments {
  return {
    start: async (request) => start(connection, 'deploy', await signedRequest(connection, deployRequest(request))),
    rollback: async (request) => start(connection, 'rollback', await signedRequest(connection, request)),
    startInLine: async (request, mode) =>
      startOrJoin(
        connection,
        mode,
        { kind: 'deploy', asked: await signedRequest(connection, deployRequest(request), IN_LINE) },
        start,
      ),
    rollbackInLine: async (request, mode) =>
      startOrJoin(
        connection,
        mode,
        { kind: 'rollback', asked: await signedRequest(connection, request, IN_LINE) },
        start,
      ),
    line: (app) => lineOf(connection, app),
    leaveLine: (app, leaving) => leaveLine(connection, app, leaving),
    retire: (request) => retireNow(connection, request),
    current: (app) => current(connection, deploymentId(app)),
    policy: (app) => ask(connection, { kind: 'policy', app }),
    changePolicy: (request) => changePolicy(connection, request),
    currentPolicy: (app) => current(connection, policyId(app)),
    list: ({ app, limit = 50 } = {}) => ask(connection, { kind: 'deployments', app: app ?? null, limit }),
    plan: async (request) => makePlan(connection, deployRequest(request)),
    inspect: (query) => ask(connection, query),
    changeIdentity: (change) => changeIdentity(connection, change),
    freeze: (change) => changeFreezes(connection, change),
    freezes: (app) => ask(connection, { kind: 'freezes', app }),
    freezeStanding: (app) => ask(connection, { kind: 'freeze-standing', app }),
    running: () => connection.within(START_MS, (client) => running(connection, client)),
  };
}

async function start(
  connection: EngineConnection,
  type: 'deploy' | 'rollback',
  request: DeployRequest | RollbackRequest,
): Promise<Deployment> {
  const app = 'spec' in request ? request.spec.app : request.app;
  const id = deploymentId(app);
  try {
    const handle = await connection.within(START_MS, (client) =>
      client.workflow.start<typeof deploy | typeof rollback>(type, {
        workflowId: id,
        taskQueue: connection.taskQueue,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        priority: type === 'rollback' ? URGENT : {},
        staticSummary: `${type} of ${app}, asked for by ${request.requester}`,
        staticDetails: 'spec' in request ? deployDetails(request) : rollbackDetails(request),
        args: [request as DeployRequest & RollbackRequest],
      }),
    );
    return deploymentHandle(connection, id, handle.firstExecutionRunId);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const holder = await current(connection, deploymentId(app));
    throw await alreadyRunning(app, holder);
  }
}

async function current(connection: EngineConnection, id: string): Promise<Deployment | null> {
  try {
    const { runId } = await connection.within(START_MS, (client) => client.workflow.getHandle(id).describe());
    return deploymentHandle(connection, id, runId);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function running(connection: EngineConnection, client: Client): Promise<readonly Deployment[]> {
  const found: Deployment[] = [];
  const query = `WorkflowType IN ('deploy', 'rollback') AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    found.push(deploymentHandle(connection, workflowId, runId));
  }
  return found;
}

async function changeFreezes(connection: EngineConnection, change: FreezeChange): Promise<FreezeAnswer> {
  const workflowId = `freeze/${change.app ?? 'all'}/${randomUUID()}`;
  return execute<typeof freeze>(connection, 'freeze', {
    workflowId,
    workflowExecutionTimeout: READ_TIMEOUT,
    args: [await signedChange(connection, change, workflowId)],
  });
}

const changeIdentity = (connection: EngineConnection, { workflowId, change }: SignedChange) =>
  execute<typeof identity>(connection, 'identity', {
    workflowId,
    workflowExecutionTimeout: READ_TIMEOUT,
    args: [change],
  });

async function retireNow(connection: EngineConnection, request: RetireRequest): Promise<Retirement> {
  const { app, environment, release } = request;
  const holder = await current(connection, deploymentId(app));
  if (holder !== null && (await holder.look()).state === 'running') throw await alreadyRunning(app, holder);
  const workflowId = retireId(app, environment.name, release);
  const now = { ...request, environment: { ...environment, retire: { afterMs: 0 } } };
  const signed = await signedRetirement(connection, now, workflowId);
  return execute<typeof retire>(connection, 'retire', {
    workflowId,
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    workflowExecutionTimeout: RETIRE_TIMEOUT,
    args: [signed],
  });
}

const makePlan = (connection: EngineConnection, request: DeployRequest): Promise<Plan> =>
  execute<typeof plan>(connection, 'plan', {
    workflowId: `plan/${request.spec.app}/${randomUUID()}`,
    workflowExecutionTimeout: PLAN_TIMEOUT,
    args: [request],
  });

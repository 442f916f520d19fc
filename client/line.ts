/** The line of an application, where a deployment waits until the running one has ended: kept by the engine, whoever goes away. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { waitingIn, type Place } from '../domain/line';
import { deploymentId, join, leave, lineId, lineView, type LineRequest, type Waiting } from '../workflows/messages';
import type { line } from '../workflows';
import type { EngineConnection } from './connection';
import { deploymentHandle, type Deployment } from './deployment';
import { AlreadyRunning, isNotFound, LeftLine } from './errors';

const ASK_MS = 10_000;
const POLL_MS = 400;
/** "Nobody waits for ever": as an approval. */
export const LINE_MS = 24 * 3_600_000;
/** As those that are started directly. */
const WORKFLOW_TASK_TIMEOUT = '5s';

/**
 * When another deployment of the application runs: `fail` says so, `queue` waits in line until it has ended, `supersede` takes its place as
 * long as it has changed nothing in production.
 */
export type OnConflict = 'fail' | 'queue' | 'supersede';

export interface LinePlace {
  readonly app: string;
  readonly id: string;
  /** How it stands, and those before it, the next one first. @throws EngineUnreachable */
  look(): Promise<{ readonly place: Place; readonly before: readonly Place[] }>;
  /**
   * Waits for its turn.
   * @throws AlreadyRunning when the running deployment does not make room; LeftLine when it was taken out, or its deadline came.
   */
  turn(options?: { readonly signal?: AbortSignal }): Promise<Deployment | null>;
}

type Start = (
  connection: EngineConnection,
  kind: LineRequest['kind'],
  asked: LineRequest['asked'],
) => Promise<Deployment>;

/** Nobody who waits is overtaken: where there is a line, also one for which nothing runs, it is joined. */
export async function startOrJoin(
  connection: EngineConnection,
  mode: Exclude<OnConflict, 'fail'>,
  request: LineRequest,
  start: Start,
): Promise<Deployment | LinePlace> {
  const app = 'spec' in request.asked ? request.asked.spec.app : request.asked.app;
  if ((await lineOf(connection, app)).length > 0) return joinLine(connection, mode, request);
  try {
    return await start(connection, request.kind, request.asked);
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    return joinLine(connection, mode, request);
  }
}

/** Joins the line, which begins with it where there is none. @throws EngineUnreachable */
async function joinLine(connection: EngineConnection, mode: Place['mode'], request: LineRequest): Promise<LinePlace> {
  const { asked } = request;
  const app = 'spec' in asked ? asked.spec.app : asked.app;
  const now = Date.now();
  const joining: Waiting = {
    id: randomUUID().slice(-12),
    kind: request.kind,
    version: 'spec' in asked ? asked.version : asked.to,
    requester: asked.requester,
    mode,
    joinedAt: new Date(now).toISOString(),
    deadline: new Date(now + LINE_MS).toISOString(),
    state: 'waiting',
    run: null,
    reason: null,
    request,
  };
  const handle = await connection.within(ASK_MS, (client) =>
    client.workflow.signalWithStart<typeof line, [Waiting]>('line', {
      workflowId: lineId(app),
      taskQueue: connection.taskQueue,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      staticSummary: `those that wait until the running deployment of ${app} has ended`,
      args: [{ app, waiting: [] }],
      signal: join,
      signalArgs: [joining],
    }),
  );
  return placeOf(connection, { app, id: joining.id, mode, run: handle.signaledRunId });
}

interface Joined {
  readonly app: string;
  readonly id: string;
  readonly mode: Place['mode'];
  readonly run: string;
}

function placeOf(connection: EngineConnection, { app, id, mode, run }: Joined): LinePlace {
  const look = async () => {
    const places = await lookInto(connection, app, { id, run });
    const place = places.find((known) => known.id === id);
    if (place === undefined) throw new LeftLine(`the line of ${app} knows nothing of ${id} any more`);
    const waiting = waitingIn(places);
    return { place, before: waiting.slice(0, waiting.indexOf(place)) };
  };
  const turn = async (signal?: AbortSignal): Promise<Deployment | null> => {
    while (!signal?.aborted) {
      const { place } = await look();
      if (place.state === 'started') return deploymentHandle(connection, deploymentId(app), place.run ?? '');
      if (place.state === 'left') throw leftBecause(place, app, mode);
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
    return null;
  };
  return { app, id, look, turn: ({ signal } = {}) => turn(signal) };
}

/** A line that went on as a new run has taken its places along. */
async function lookInto(
  connection: EngineConnection,
  app: string,
  { id, run }: Pick<Joined, 'id' | 'run'>,
): Promise<readonly Place[]> {
  const ask = (handle: WorkflowHandle) => connection.within(ASK_MS, () => handle.query(lineView));
  const { workflow } = connection.client;
  const { places } = await ask(workflow.getHandle(lineId(app), run));
  if (places.some((place) => place.id === id && place.state !== 'waiting')) return places;
  const latest = (await ask(workflow.getHandle(lineId(app)))).places;
  return latest.some((place) => place.id === id) ? latest : places;
}

const leftBecause = ({ reason }: Place, app: string, mode: Place['mode']): Error =>
  mode === 'supersede' && !/^(taken out|its turn|superseded)/.test(reason ?? '')
    ? new AlreadyRunning(`the running deployment of ${app} does not make room: ${reason ?? ''}`)
    : new LeftLine(`the deployment of ${app} has left the line before its turn: ${reason ?? ''}; nothing was changed`);

/** Those that wait, the next one first; none where there is no line. @throws EngineUnreachable */
export async function lineOf(connection: EngineConnection, app: string): Promise<readonly Place[]> {
  try {
    return await connection.within(ASK_MS, async (client) => {
      const handle = client.workflow.getHandle(lineId(app));
      if ((await handle.describe()).status.name !== 'RUNNING') return [];
      return waitingIn((await handle.query(lineView)).places);
    });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Takes one out of the line. Answers false when it does not wait there. @throws EngineUnreachable */
export async function leaveLine(
  connection: EngineConnection,
  app: string,
  leaving: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const before = await lineOf(connection, app);
  if (!before.some(({ id }) => id === leaving.id)) return false;
  await connection.within(ASK_MS, (client) => client.workflow.getHandle(lineId(app)).signal(leave, leaving));
  return true;
}

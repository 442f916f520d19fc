/**
 * The line of an application: those that wait until its running deployment has ended, one workflow for all of them, so that who asked may
 * go away. It ends when nobody waits any more; what it started goes on without it.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as decide from '../domain/line';
import { deployDetails, rollbackDetails } from '../domain/reports/static-details';
import { deploy } from './deploy';
import { deploymentId, join, leave, lineView, type LineRequest, type LineState, type Waiting } from './messages';
import { rollback } from './rollback';
import { call } from './support/proxies';

export async function line({ app, waiting }: LineState): Promise<void> {
  let places: readonly Waiting[] = waiting;
  setHandler(join, (joining) => {
    places = decide.join(places, joining);
  });
  setHandler(leave, ({ id, by, reason }) => {
    places = decide.leave(places, id, `taken out of the line by ${by}: ${reason}`);
  });
  setHandler(lineView, () => ({ places: places.map(({ request: _request, ...place }) => place) }));

  const asked = new Set<string>();
  for (let next = first(); next !== undefined; next = first()) {
    if (next.mode === 'supersede' && !asked.has(next.id)) {
      asked.add(next.id);
      const { accepted, reason } = await makeRoom(app, next);
      if (!accepted) places = decide.leave(places, next.id, reason);
    } else if (await isTurnOf(app, next, () => first()?.id !== next?.id)) {
      const run = await start(app, next.request);
      if (run !== null) places = decide.begun(places, next.id, run);
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof line>({ app, waiting: places });
  }

  function first(): Waiting | undefined {
    places = decide.expired(places, Date.now());
    return decide.waitingIn(places)[0];
  }
}

const makeRoom = (app: string, { id, requester, version }: Waiting) =>
  call(
    'makeRoom',
    `ask the running deployment of ${app} to make room`,
  )({ deployment: deploymentId(app), id, by: requester, version: version ?? '' });

/** Waits until nothing runs; false: another one is next meanwhile, or this one's deadline has come. */
async function isTurnOf(app: string, next: Waiting, isOther: () => boolean): Promise<boolean> {
  const scope = new CancellationScope();
  const ended = scope.run(async () => {
    await call('awaitEnd', `until the running deployment of ${app} has ended`)({ deployment: deploymentId(app) });
    return true;
  });
  const changed = scope.run(async () => {
    await condition(isOther, Math.max(1, Date.parse(next.deadline) - Date.now()), { summary: 'deadline in the line' });
    return false;
  });
  try {
    return await Promise.race([ended, changed]);
  } finally {
    scope.cancel();
    await Promise.allSettled([ended, changed]);
  }
}

/** Its run; null: somebody else was faster. */
async function start(app: string, request: LineRequest): Promise<string | null> {
  const shared = {
    workflowId: deploymentId(app),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowTaskTimeout: workflowInfo().taskTimeoutMs,
    staticSummary: `${request.kind} of ${app}, asked for by ${request.asked.requester}, from the line`,
  };
  try {
    const child =
      request.kind === 'deploy'
        ? await startChild(deploy, { ...shared, args: [request.asked], staticDetails: deployDetails(request.asked) })
        : await startChild(rollback, {
            ...shared,
            args: [request.asked],
            staticDetails: rollbackDetails(request.asked),
          });
    return child.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

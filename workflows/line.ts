/**
 * The line of an application: those that wait until its running deployment has ended, one workflow for all of them, so that who asked may
 * go away. It ends when nobody waits any more; what it started goes on without it.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as decide from '../domain/line';
import { joinProblem } from '../domain/requests/problem';
import { deployDetails, rollbackDetails } from '../domain/reports/static-details';
import { deploy } from './deploy';
import {
  deploymentId,
  ended,
  join,
  leave,
  lineView,
  tellEnd,
  type LineRequest,
  type LineState,
  type Waiting,
} from './messages';
import { rollback } from './rollback';
import { Journal } from './support/journal';
import { call } from './support/proxies';

export async function line({ app, waiting }: LineState): Promise<void> {
  let places: readonly Waiting[] = waiting;
  const { workflowId, runId } = workflowInfo();
  const journal = new Journal({ deployment: workflowId, run: runId, app, environment: null }, null);
  const change = (next: readonly Waiting[], by = 'mvca'): void => {
    for (const { action, summary, facts } of decide.told(places, next)) journal.note(action, summary, { by, facts });
    places = next;
  };
  const writeSoon = (): void => {
    if (patched('line-in-audit-log')) void journal.write();
  };
  const writeAll = async (): Promise<void> => {
    if (patched('line-in-audit-log')) await journal.writeAll();
  };
  setHandler(join, (joining) => {
    const problem = joinProblem(joining, app);
    if (problem !== null) return journal.note('line.refused', `a request to join was refused: ${problem}`);
    change(decide.join(places, joining), joining.requester);
    writeSoon();
  });
  setHandler(leave, ({ id, by, reason }) => {
    change(decide.leave(places, id, `taken out of the line by ${by}: ${reason}`), by);
    writeSoon();
  });
  let endings = 0;
  setHandler(ended, () => {
    endings += 1;
  });
  setHandler(lineView, () => ({ places: places.map(({ request: _request, ...place }) => place) }));

  const asked = new Set<string>();
  const nextTurn = async (next: Waiting): Promise<void> => {
    if (next.mode === 'supersede' && !asked.has(next.id)) {
      asked.add(next.id);
      const { accepted, reason } = await makeRoom(app, next);
      if (!accepted) change(decide.leave(places, next.id, reason));
    } else if (await isTurnOf(app, next, { isOther: () => first()?.id !== next.id, endings: () => endings })) {
      const run = await start(app, next.request);
      if (run !== null) change(decide.begun(places, next.id, run));
    }
  };
  // Whoever joins while the last entries are written has a turn as well.
  for (let next = first(); next !== undefined; next = await lastWritten()) {
    await nextTurn(next);
    writeSoon();
    if (!workflowInfo().continueAsNewSuggested) continue;
    await writeAll();
    await continueAsNew<typeof line>({ app, waiting: places });
  }

  async function lastWritten(): Promise<Waiting | undefined> {
    if (first() === undefined) await writeAll();
    return first();
  }

  function first(): Waiting | undefined {
    change(decide.expired(places, Date.now()));
    return decide.waitingIn(places)[0];
  }
}

const makeRoom = (app: string, { id, requester, version }: Waiting) =>
  call(
    'makeRoom',
    `ask the running deployment of ${app} to make room`,
  )({ deployment: deploymentId(app), id, by: requester, version: version ?? '' });

interface Heard {
  /** Is another one next meanwhile? */
  readonly isOther: () => boolean;
  /** How often a deployment said that it ends. */
  readonly endings: () => number;
}

/** Waits until nothing runs; false: another one is next meanwhile, or this one's deadline has come. */
async function isTurnOf(app: string, next: Waiting, { isOther, endings }: Heard): Promise<boolean> {
  const scope = new CancellationScope();
  const isTold = patched('line-is-told');
  const over = scope.run(async () => {
    await (isTold ? untilToldOrSeen(app, endings) : untilSeen(app));
    return true;
  });
  const changed = scope.run(async () => {
    await condition(isOther, Math.max(1, Date.parse(next.deadline) - Date.now()), { summary: 'deadline in the line' });
    return false;
  });
  try {
    return await Promise.race([over, changed]);
  } finally {
    scope.cancel();
    await Promise.allSettled([over, changed]);
  }
}

const untilSeen = (app: string): Promise<void> =>
  call('awaitEnd', `until the running deployment of ${app} has ended`)({ deployment: deploymentId(app) });

/** Looks more and more seldom, and at once when the running deployment says that it ends. */
async function untilToldOrSeen(app: string, endings: () => number): Promise<void> {
  const before = endings();
  if (!(await willTell(app))) return;
  const scope = new CancellationScope();
  const seen = scope.run(() => untilSeen(app)).then(() => true);
  const told = scope.run(() => condition(() => endings() > before)).then(() => false);
  try {
    if (await Promise.race([seen, told])) return;
  } finally {
    scope.cancel();
    await Promise.allSettled([seen, told]);
  }
  await untilSeen(app);
}

/** false: nothing runs. */
async function willTell(app: string): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(deploymentId(app)).signal(tellEnd);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
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
            priority: { priorityKey: 1 },
            args: [request.asked],
            staticDetails: rollbackDetails(request.asked),
          });
    return child.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

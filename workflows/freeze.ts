/** Makes or ends freezes. Whoever is parked hears of it afterwards, from a workflow of its own: the answer waits for nobody. */
import { ParentClosePolicy, patched, startChild, workflowInfo } from '@temporalio/workflow';
import type { FreezeAnswer, FreezeChange } from '../domain/freezes/freeze';
import { freezeProblemOf } from '../domain/requests/problem';
import { refuse } from './support/failure';
import { call } from './support/proxies';
import { thaw } from './thaw';

export async function freeze(change: FreezeChange): Promise<FreezeAnswer> {
  refuse(freezeProblemOf(change));
  const { workflowId, runId } = workflowInfo();
  const at = new Date(Date.now()).toISOString();
  const what = `${change.kind} ${change.app ?? 'all applications'}`;
  const answer = await call('changeFreezes', what)({ deployment: workflowId, run: runId, at, change });
  if (patched('thaw')) {
    await startChild(thaw, {
      workflowId: `thaw/${workflowId}`,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [{ app: change.app, after: null }],
      staticSummary: `tells those that are parked: ${what}`,
    });
  }
  return answer;
}

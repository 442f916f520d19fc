/** Makes or ends freezes. What is parked by one looks by itself whether it still is. */
import { workflowInfo } from '@temporalio/workflow';
import type { FreezeAnswer, FreezeChange } from '../domain/freezes/freeze';
import { call } from './support/proxies';

export async function freeze(change: FreezeChange): Promise<FreezeAnswer> {
  const { workflowId, runId } = workflowInfo();
  const at = new Date(Date.now()).toISOString();
  const what = `${change.kind} ${change.app ?? 'all applications'}`;
  return call('changeFreezes', what)({ deployment: workflowId, run: runId, at, change });
}

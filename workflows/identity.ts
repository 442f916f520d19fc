/** Adds or removes a key that speaks for a person. */
import { workflowInfo } from '@temporalio/workflow';
import type { IdentityChange, IdentityView } from '../domain/identity/identity';
import { call } from './support/proxies';

export async function identity(change: IdentityChange): Promise<readonly IdentityView[]> {
  const { workflowId, runId } = workflowInfo();
  const at = new Date(Date.now()).toISOString();
  const what = `${change.kind} a key of ${change.person}`;
  return call('changeIdentities', what)({ deployment: workflowId, run: runId, at, change });
}

/** A deployment that arrived. */
import { CancellationScope } from '@temporalio/workflow';
import type { DeploymentResult } from '../../domain/deployment';
import type { Deployment } from '../support/deployment';
import { finish } from './finish';

export async function succeed(deployment: Deployment): Promise<DeploymentResult> {
  return CancellationScope.nonCancellable(async () => {
    deployment.closePhase('succeeded');
    return finish(deployment, 'succeeded', null);
  });
}

/** What `deploy` would do, without doing any of it. */
import type { DeployRequest } from '../domain/deployment';
import type { Plan } from '../domain/plan/plan';
import { drawPlan, snapshotOf } from './steps/validate';

export async function plan(request: DeployRequest): Promise<Plan> {
  return drawPlan(request, await snapshotOf(request));
}

/** What `deploy` would do, without doing any of it. */
import type { DeployRequest } from '../domain/deployment';
import type { Plan } from '../domain/plan/plan';
import { call } from './support/proxies';
import { drawPlan, snapshotOf } from './steps/validate';

export async function plan(request: DeployRequest): Promise<Plan> {
  const app = request.spec.app;
  const [plan, freezes] = await Promise.all([
    snapshotOf(request).then((snapshot) => drawPlan(request, snapshot)),
    call('freezeStanding', 'is production frozen?')({ app, known: null }),
  ]);
  return { ...plan, freezes };
}

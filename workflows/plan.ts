/** What `deploy` would do, without doing any of it. */
import type { DeployRequest } from '../domain/deployment';
import type { Plan } from '../domain/plan/plan';
import { admitPlan } from './steps/admit';
import { deployProblem } from '../domain/requests/problem';
import { refuse } from './support/failure';
import { call } from './support/proxies';
import { drawPlan, snapshotOf } from './steps/validate';

export async function plan(asked: DeployRequest): Promise<Plan> {
  refuse(deployProblem(asked, null));
  const { app } = asked.spec;
  const [plan, freezes] = await Promise.all([
    drawn(asked),
    call('freezeStanding', 'is production frozen?')({ app, known: null }),
  ]);
  return { ...plan, freezes };
}

async function drawn(asked: DeployRequest): Promise<Plan> {
  const { snapshot, admitted } = await snapshotOf(asked);
  const { request, weaker } = await admitPlan(asked, admitted);
  const warnings = new Set(snapshot.warnings);
  const plan = await drawPlan(request, snapshot, (facts) =>
    facts.forEach(({ warnings: said = [] }) => said.forEach((words) => warnings.add(words))),
  );
  return {
    ...plan,
    ...(weaker.length === 0 ? {} : { weaker }),
    ...(warnings.size === 0 ? {} : { warnings: [...warnings] }),
  };
}

/** What `deploy` would do, without doing any of it. */
import { patched } from '@temporalio/workflow';
import type { DeployRequest } from '../domain/deployment';
import { environmentsTo } from '../domain/plan/make-plan';
import type { Plan } from '../domain/plan/plan';
import { withStops, type Asked } from '../domain/plan/stops';
import { admitPlan } from './steps/admit';
import { deployProblem } from '../domain/requests/problem';
import { refuse } from './support/failure';
import { call, callIn } from './support/proxies';
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
  const { snapshot, admitted } = await snapshotOf(asked, { specMayDiffer: true });
  const { request, weaker } = await admitPlan(asked, admitted);
  const warnings = new Set(snapshot.warnings);
  const plan = await drawPlan(request, snapshot, (facts) =>
    facts.forEach(({ warnings: said = [] }) => said.forEach((words) => warnings.add(words))),
  );
  const whole = {
    ...plan,
    ...(weaker.length === 0 ? {} : { weaker }),
    ...(warnings.size === 0 ? {} : { warnings: [...warnings] }),
  };
  return patched('plan asks gates') ? withStops(whole, await gatesOf(request)) : whole;
}

/** As `deploy` asks them before an approval: secrets go nowhere where they did not go before. */
const gatesOf = ({ spec, to }: DeployRequest): Promise<readonly Asked[]> =>
  Promise.all(
    environmentsTo(spec, to).map(async (environment) => {
      const what = `variables, secrets, databases and services of ${environment.name}`;
      const ask = callIn(environment.name, 'checkEnvironment', what);
      return { environment: environment.name, gate: await ask({ app: spec.app, environment, before: 'approval' }) };
    }),
  );

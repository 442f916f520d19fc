/** One deployment: one application, one version, from source to production, and back when production says no. */
import { workflowInfo } from '@temporalio/workflow';
import type { DeploymentResult, DeployRequest } from '../domain/deployment';
import { environmentsTo } from '../domain/plan/make-plan';
import { deployProblem } from '../domain/requests/problem';
import { phasesTo } from '../domain/plan/phases';
import { appIn } from './messages';
import { agree, pin } from './steps/agree';
import { build } from './steps/build';
import { release } from './steps/release';
import { retireOld } from './steps/retire-old';
import { rollBack } from './steps/roll-back';
import { succeed } from './steps/succeed';
import { identify } from './steps/identify';
import { planned, releaseName } from './steps/release-name';
import { validate } from './steps/validate';
import { Deployment } from './support/deployment';
import { patienceOf } from './support/steering';
import { refuse } from './support/failure';
import { isGuarded } from './support/guarded';
import { listen } from './support/signals';

export async function deploy(request: DeployRequest): Promise<DeploymentResult> {
  const checks = isGuarded();
  if (checks) refuse(deployProblem(request, appIn(workflowInfo().workflowId)));
  const { spec, to, requester } = request;
  const deployment = new Deployment({
    app: spec.app,
    version: request.version ?? '',
    kind: 'deploy',
    requester,
    phases: phasesTo(spec, to),
    environment: to,
    strategy: environmentsTo(spec, to).at(-1)?.strategy.kind ?? '',
    notify: checks ? [] : spec.notify,
    patience: patienceOf(environmentsTo(spec, to)),
    noWait: request.noWait ?? false,
  });
  listen(deployment);
  if (request.reason != null) deployment.note('deploy.reason', request.reason, { by: requester });
  let environments = environmentsTo(spec, to);
  try {
    await deployment.run(async () => {
      await deployment.enter('validate', null);
      await identify(deployment, request);
      const { plan: drawn, source, admitted } = await validate(deployment, request);
      environments = environmentsTo(admitted.spec, to);
      const artifact = await build(deployment, source);
      const built = pin(deployment, drawn, artifact);
      for (const environment of environments) {
        const plan = await agree(deployment, environment, built);
        const part = planned(plan, environment);
        await release({
          deployment,
          environment,
          planned: part,
          source,
          artifact,
          release: releaseName(plan.version, deployment.status.run),
          version: plan.version,
          addresses: [],
          goesBackTo: part.target?.release ?? null,
          mark: null,
        });
      }
    });
  } catch (failure) {
    return rollBack(deployment, { last: to, failure, after: () => retireOld(deployment, environments) });
  }
  await retireOld(deployment, environments);
  return succeed(deployment);
}

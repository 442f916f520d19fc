/**
 * Before an environment is changed: its approval, and after whatever was waited for another look at what was approved. Its secrets are
 * resolved and sent only now; where one is not as it was approved, the approval is void and is asked for again.
 */
import { changedSecrets, pinPlan, withVersions } from '../../domain/plan/agreed';
import type { Plan } from '../../domain/plan/plan';
import type { Artifact } from '../../domain/source';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { isGuarded } from '../support/guarded';
import { callIn } from '../support/proxies';
import { isRevoked, waitForApproval } from './approve';
import { awaitThaw } from './await-thaw';
import { passGate } from './pass-gate';
import { planned } from './release-name';

/** From here on the plan's digest stands for these bytes. */
export function pin(deployment: Deployment, plan: Plan, artifact: Artifact): Plan {
  if (!isGuarded()) return plan;
  const pinned = pinPlan(plan, artifact.digest);
  deployment.status.plan = pinned;
  return pinned;
}

/** Answers the plan that was approved last. */
export async function agree(deployment: Deployment, environment: EnvironmentSpec, plan: Plan): Promise<Plan> {
  // What an environment before it was started with may be newer than the plan.
  let agreed = deployment.status.plan ?? plan;
  for (;;) {
    do {
      await waitForApproval(deployment, environment, agreed);
      await awaitThaw(deployment, [environment]);
    } while (await isRevoked(deployment));
    if (environment.approval === null || !isGuarded()) return agreed;
    const next = await lookAgain(deployment, environment, agreed);
    if (next === agreed) return agreed;
    deployment.status.plan = agreed = next;
  }
}

async function lookAgain(deployment: Deployment, environment: EnvironmentSpec, plan: Plan): Promise<Plan> {
  const { name } = environment;
  const what = `variables, secrets, databases and services of ${name} as they are now`;
  return deployment.step(`check-${name}`, what, async () => {
    const { secretVersions, ...gate } = await callIn(
      name,
      'checkEnvironment',
      what,
    )({ app: deployment.status.app, environment });
    const changed = secretVersions === undefined ? [] : changedSecrets(planned(plan, environment), secretVersions);
    if (secretVersions === undefined || changed.length === 0) {
      const { summary } = await passGate(deployment, environment, () => Promise.resolve(gate));
      return { value: plan, summary };
    }
    const summary = `changed since it was approved: ${changed.join(', ')}; the approval is void, and is asked for again`;
    deployment.warn(`${name}: ${summary}`);
    deployment.note('approval.void', `${name}: ${summary}`);
    return { value: withVersions(plan, name, secretVersions), summary };
  });
}

/**
 * Back to a release that is kept: no build, no gates, the same care with traffic. Holds the application's lock like a deployment. One that
 * serves already is made whole, which finishes an undo that could not bring its instances back.
 */
import { patched, workflowInfo } from '@temporalio/workflow';
import type { EnvironmentFacts } from '../activities/facts-contract';
import type { DeploymentResult } from '../domain/deployment';
import type { ReleaseStatus } from '../domain/release';
import { returnable, servingRelease } from '../domain/releases';
import type { EnvironmentSpec } from '../domain/spec/spec';
import { rollbackProblem } from '../domain/requests/problem';
import { appIn, type RollbackRequest } from './messages';
import { admitRollback } from './steps/admit';
import { identify } from './steps/identify';
import { scaleTo } from './steps/instances';
import { retireLater } from './steps/retire-old';
import { returnTo } from './steps/return-to';
import { rollBack } from './steps/roll-back';
import { succeed } from './steps/succeed';
import { factsOf, showReleases } from './steps/validate';
import { Deployment } from './support/deployment';
import { halt, refuse } from './support/failure';
import { patienceOf } from './support/steering';
import { isGuarded } from './support/guarded';
import { listen } from './support/signals';

export async function rollback(request: RollbackRequest): Promise<DeploymentResult> {
  const checks = isGuarded();
  if (checks) refuse(rollbackProblem(request, appIn(workflowInfo().workflowId)));
  const { app, requester } = request;
  let { environment } = request;
  const deployment = new Deployment({
    app,
    version: request.to ?? '',
    kind: 'rollback',
    requester,
    phases: [environment.name, 'watch'],
    environment: environment.name,
    strategy: environment.strategy.kind,
    notify: checks ? [] : request.notify,
    patience: patienceOf([environment]),
  });
  listen(deployment);
  let left: string | null = null;
  try {
    await deployment.run(async () => {
      await deployment.enter(environment.name, environment.name);
      await identify(deployment, request);
      environment = await admitRollback(deployment, request);
      const { target, serving } = await chooseTarget(deployment, { ...request, environment });
      if (target.release === serving?.release) return makeWhole(deployment, environment, target);
      left = serving?.release ?? null;
      await returnTo(deployment, environment, { target, serving });
    });
  } catch (failure) {
    return rollBack(deployment, { last: environment.name, failure });
  }
  if (left !== null) await retireLater(deployment, environment, left);
  return succeed(deployment);
}

async function chooseTarget(
  deployment: Deployment,
  request: RollbackRequest,
): Promise<{ target: ReleaseStatus; serving: ReleaseStatus | null }> {
  return deployment.step('target', 'which release to go back to', async () => {
    const facts = await factsOf(request.app, request.environment);
    showReleases(deployment, facts);
    const target = findTarget(facts, request.to);
    const left = servingRelease(facts);
    if (left !== null && left.release !== target.release)
      deployment.status.leaves = { release: left.release, version: left.version, artifact: left.artifact };
    deployment.status.version = target.version;
    deployment.setVersion(target.version);
    if (request.reason !== null) deployment.note('rollback.reason', request.reason, { by: request.requester });
    return {
      value: { target, serving: left },
      summary: `back to ${target.version} (${target.release})`,
    };
  });
}

/** All its instances run, and the router knows them. Nothing to undo: more of what serves takes nothing from anybody. */
async function makeWhole(deployment: Deployment, environment: EnvironmentSpec, target: ReleaseStatus): Promise<void> {
  const { release, instances } = target;
  const whole = target.whole ?? instances.length;
  await deployment.step('start', `ensure that all instances of ${release} serve`, async () => {
    await scaleTo({ deployment, environment }, { release, count: whole, to: 'more', holder: null, traffic: null });
    return { value: undefined, summary: `all ${whole} instances of ${release} serve` };
  });
}

function findTarget(facts: EnvironmentFacts, wanted: string | null): ReleaseStatus {
  const kept = returnable(facts);
  const found =
    wanted === null ? kept[0] : kept.find(({ release, version }) => release === wanted || version === wanted);
  if (found !== undefined) return found;
  const names = kept.map(({ release, version }) => `${version} (${release})`).join(', ');
  const serving = servingRelease(facts);
  if (serving !== null && (serving.release === wanted || serving.version === wanted)) {
    if (patched('whole-again')) return serving;
    throw halt('NothingToReturnTo', `${wanted} serves already in ${facts.environment}`);
  }
  const what = wanted === null ? 'no earlier release is kept' : `no release or version ${wanted} is kept`;
  throw halt(
    'NothingToReturnTo',
    `${what} in ${facts.environment}; kept: ${names || 'none'}. Deploy the wanted version instead`,
  );
}

/** Phase 1: take the source by digest, ask the gates, make the plan. Nothing changes. */
import { patched } from '@temporalio/workflow';
import type { AdmittedSource, Earlier, History, SnapshotRequest, SourceRequest } from '../../activities/contract';
import type { EnvironmentFacts, EnvironmentQuery } from '../../activities/facts-contract';
import type { DeployRequest } from '../../domain/deployment';
import type { GateResult } from '../../domain/gates/gate';
import { environmentsTo } from '../../domain/plan/make-plan';
import { phasesTo } from '../../domain/plan/phases';
import type { PastDeployment } from '../../domain/plan/past';
import type { Plan } from '../../domain/plan/plan';
import { servingRelease } from '../../domain/releases';
import type { Snapshot } from '../../domain/source';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { isGuarded } from '../support/guarded';
import { call, callIn } from '../support/proxies';
import { admit } from './admit';
import { awaitThaw } from './await-thaw';
import { sourceFree } from './build';
import { passGate } from './pass-gate';
import { whenFree } from './when-free';

export interface Validated {
  readonly plan: Plan;
  readonly source: SourceRequest;
  /** The request as it was admitted. */
  readonly admitted: DeployRequest;
}

export async function validate(deployment: Deployment, asked: DeployRequest): Promise<Validated> {
  const { snapshot, admitted } = await takeSnapshot(deployment, asked);
  const request = await admit(deployment, asked, admitted);
  deployment.notifiers = request.spec.notify;
  deployment.expect(phasesTo(request.spec, request.to));
  const source = sourceOf(request, snapshot);
  // What is deployed is what lay there when it was asked for, however long it is parked.
  await awaitThaw(deployment, environmentsTo(request.spec, request.to));
  const plan = await deployment.step('plan', 'asking what runs and serves now', async () => {
    const bare = await drawPlan(request, snapshot, (facts, history) => {
      deployment.pace.know(history.phases);
      facts.forEach((each) => showReleases(deployment, each));
    });
    const { weaker } = deployment.status;
    const drawn = weaker === undefined ? bare : { ...bare, weaker };
    deployment.status.plan = drawn;
    saySpecial(deployment, drawn);
    return { value: drawn, summary: `plan ${drawn.digest.slice(0, 19)}…` };
  });
  refuseWhatCannotBe(plan);
  await checkEnvironments(deployment, request);
  await testGate(deployment, request, source);
  return { plan, source, admitted: request };
}

/** What the source activities are asked with. */
export const sourceOf = (request: DeployRequest, snapshot: Snapshot): SourceRequest => ({
  app: request.spec.app,
  snapshot,
  build: request.spec.build,
  git: request.spec.source.git,
});

export interface Taken {
  readonly snapshot: Snapshot;
  /** null: in a run that an earlier version began. */
  readonly admitted: AdmittedSource | null;
}

/** @param options of a plan alone: its spec may be one that git does not have yet */
export async function snapshotOf(
  request: DeployRequest,
  options: Pick<SnapshotRequest, 'specMayDiffer'> = {},
): Promise<Taken> {
  const { directory, version, dirty, spec } = request;
  const wanted = { directory, version, dirty, git: spec.source.git, build: spec.build };
  const { file } = request;
  const asked = isGuarded() ? { asked: spec, ...(file !== undefined && { file }) } : {};
  const taken = await call('snapshotSource', `take the source in ${directory}`)({ ...wanted, ...asked, ...options });
  const { admitted = null, ...snapshot } = taken;
  return { snapshot, admitted };
}

/** Facts of every environment on the way, and the plan made from them. */
export async function drawPlan(
  request: DeployRequest,
  snapshot: Snapshot,
  tell: (facts: readonly EnvironmentFacts[], history: History) => void = () => undefined,
): Promise<Plan> {
  const { spec, to, reason = null } = request;
  const [before, ...facts] = await Promise.all([
    earlierOf(spec.app, snapshot),
    ...environmentsTo(spec, to).map((environment) => factsOf(spec.app, environment, { checkServing: true })),
  ] as const);
  const { history } = before;
  // Older versions asked for it afterwards.
  const past = before.past ?? (patched('rolled back before') ? await pastOf(spec.app, snapshot) : []);
  tell(facts, history);
  return call('drawPlan', 'make the plan')({ spec, to, snapshot, facts, history, past, reason });
}

async function earlierOf(
  app: string,
  { version, digest }: Snapshot,
): Promise<Omit<Earlier, 'past'> & { readonly past: Earlier['past'] | null }> {
  if (isGuarded()) return call('readEarlier', 'how deployments went before')({ app, version, source: digest });
  return { history: await call('readHistory', 'how long it took before')({ app }), past: null };
}

const pastOf = (app: string, { version, digest }: Snapshot): Promise<readonly PastDeployment[]> =>
  call('readPast', 'how this version fared before')({ app, version, source: digest });

export const factsOf = (
  app: string,
  environment: EnvironmentSpec,
  options: Pick<EnvironmentQuery, 'checkServing'> = {},
): Promise<EnvironmentFacts> =>
  callIn(
    environment.name,
    'readEnvironment',
    `what runs and serves in ${environment.name}`,
  )({ app, environment, ...options });

export function showReleases(deployment: Deployment, facts: EnvironmentFacts): void {
  for (const { release, version, artifact, state, wanted } of facts.releases) {
    const weight = facts.weights[release] ?? 0;
    const measured = facts.measured[release] ?? null;
    const instances = wanted === undefined ? {} : { instances: state === 'stopped' ? 0 : wanted };
    const view = { environment: facts.environment, release, version, artifact, weight, measured, state };
    deployment.setRelease({ ...view, ...instances });
  }
  deployment.warn(...(facts.warnings ?? []));
  const serving = servingRelease(facts);
  if (serving === null) deployment.warn(`${facts.environment}: nothing serves yet, so there is nothing to go back to`);
}

async function takeSnapshot(deployment: Deployment, request: DeployRequest): Promise<Taken> {
  return deployment.step('snapshot', 'taking the source', async () => {
    const taken = await snapshotOf(request);
    const { snapshot } = taken;
    Object.assign(deployment.status, { snapshot, version: snapshot.version });
    deployment.warn(...snapshot.warnings);
    deployment.setVersion(snapshot.version);
    return {
      value: taken,
      summary: `${snapshot.version}: ${snapshot.files} files, ${snapshot.digest.slice(0, 19)}…`,
    };
  });
}

/** What whoever approves must know beside the steps. */
function saySpecial(deployment: Deployment, { environments, again, sameSource }: Plan): void {
  for (const { environment, badWayBack } of environments)
    if (badWayBack !== undefined) deployment.warn(`${environment}: ${badWayBack}`);
  if (sameSource !== undefined) deployment.warn(sameSource);
  if (again !== undefined) deployment.warn(`deployed again although ${again.was}: ${again.reason}`);
}

function refuseWhatCannotBe(plan: Plan): void {
  const refusals = plan.environments.flatMap((environment) => environment.refusals);
  if (refusals.length > 0) throw halt('PlanRefused', refusals.join('\n'));
}

async function checkEnvironments(deployment: Deployment, request: DeployRequest): Promise<void> {
  for (const environment of environmentsTo(request.spec, request.to)) {
    const what = `variables, secrets, databases and services of ${environment.name}`;
    const ask = async (): Promise<GateResult> => {
      // The destinations of its secrets stand in the spec, which nobody has agreed to yet.
      const before = environment.approval === null ? {} : { before: 'approval' as const };
      const asked = { app: request.spec.app, environment, ...before };
      const { secretVersions: _versions, ...gate } = await callIn(environment.name, 'checkEnvironment', what)(asked);
      return gate;
    };
    await deployment.step(`check-${environment.name}`, what, () => passGate(deployment, environment, ask));
  }
}

async function testGate(deployment: Deployment, request: DeployRequest, source: SourceRequest): Promise<void> {
  const last = environmentsTo(request.spec, request.to).at(-1);
  if (last === undefined) return;
  const test = (): Promise<GateResult> =>
    call('runTests', 'install and test')({ ...source, tests: request.spec.tests });
  const run = (): Promise<GateResult> => whenFree(test, () => sourceFree(source));
  await deployment.step('tests', 'installing and testing', () => passGate(deployment, last, run));
}

/** Before anything is done with a request: whose source it is, and what the policy that is kept of the application says to it. */
import { workflowInfo } from '@temporalio/workflow';
import type { AdmittedSource } from '../../activities/contract';
import type { KeptSpec } from '../../activities/record-query';
import { firstDifference } from '../../domain/difference';
import type { DeployRequest } from '../../domain/deployment';
import { environmentsTo } from '../../domain/plan/make-plan';
import { addressesOf } from '../../domain/policy/addresses';
import type { Admission, Claim, RepositoryId } from '../../domain/policy/policy';
import type { EnvironmentSpec, NotifierSpec, Spec } from '../../domain/spec/spec';
import type { RollbackRequest } from '../messages';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { isGuarded } from '../support/guarded';
import { call } from '../support/proxies';

type Admitted = Extract<Admission, { kind: 'admitted' }>;

/**
 * The request to go on with: what the worker read itself, with the approvals that apply.
 * @param source null: a worker of an earlier version took it
 * @throws `PolicyRefused`
 */
export async function admit(
  deployment: Deployment,
  request: DeployRequest,
  source: AdmittedSource | null,
): Promise<DeployRequest> {
  if (source === null) return request;
  return deployment.step('admission', 'whose source it is, and what the kept policy says', async () => {
    const admission = await askOf(request, source, true);
    say(deployment, admission, request.requester);
    const value = { ...request, spec: withApprovals(source.spec, admission) };
    return { value, summary: admissionWords(admission) };
  });
}

/** The same for a plan, which records nothing. */
export async function admitPlan(
  request: DeployRequest,
  source: AdmittedSource | null,
): Promise<{ readonly request: DeployRequest; readonly weaker: readonly string[] }> {
  if (source === null) return { request, weaker: [] };
  const admission = await askOf(request, source, false);
  return { request: { ...request, spec: withApprovals(source.spec, admission) }, weaker: admission.weaker };
}

export async function admitRollback(deployment: Deployment, request: RollbackRequest): Promise<EnvironmentSpec> {
  const { app, requester } = request;
  if (!isGuarded()) return request.environment;
  return deployment.step('admission', 'what the kept policy says', async () => {
    const { environment, notify } = await keptOr(app, request);
    deployment.notifiers = notify;
    const difference = firstDifference(environment, request.environment);
    if (difference !== null) deployment.warn(insteadWords(request, difference));
    const admission = await askPolicy({ app, repository: null, environments: [environment], by: requester }, false);
    say(deployment, admission, requester);
    return { value: withApproval(environment, admission), summary: admissionWords(admission) };
  });
}

/** What the application was deployed with; what was brought along where nothing is kept, as of an earlier version. */
export async function keptOr(app: string, brought: KeptSpec): Promise<KeptSpec> {
  const { name: environment } = brought.environment;
  const kept = await call('keptEnvironment', `what ${app} was deployed with in ${environment}`)({ app, environment });
  return kept ?? brought;
}

const insteadWords = ({ app, environment: { name } }: RollbackRequest, difference: string): string =>
  `${name} is as ${app} was deployed with it, not as the spec has it now (${difference}): deploy what was changed`;

const askOf = (
  { requester: by, to }: DeployRequest,
  { spec, repository }: AdmittedSource,
  records: boolean,
): Promise<Admitted> => {
  const environments = environmentsTo(spec, to);
  return askPolicy({ app: spec.app, repository, environments, by, notify: spec.notify }, records);
};

interface Asking {
  readonly app: string;
  readonly repository: RepositoryId | null;
  readonly environments: readonly EnvironmentSpec[];
  readonly by: string;
  readonly notify?: readonly NotifierSpec[];
}

async function askPolicy(
  { app, repository, environments, by, notify = [] }: Asking,
  records: boolean,
): Promise<Admitted> {
  const { runId: run } = workflowInfo();
  const at = new Date(Date.now()).toISOString();
  const claims = environments.map(claimOf);
  const what = `the policy that is kept of ${app}`;
  const kept = records ? { specs: environments, notify } : {};
  const admission = await call('keepPolicy', what)({ app, repository, claims, by, at, run, records, ...kept });
  if (admission.kind === 'refused') throw halt('PolicyRefused', admission.reason);
  return admission;
}

const claimOf = (environment: EnvironmentSpec): Claim => ({
  environment: environment.name,
  approval: environment.approval,
  addresses: addressesOf(environment),
});

const withApprovals = (spec: Spec, admission: Admitted): Spec => ({
  ...spec,
  environments: spec.environments.map((environment) => withApproval(environment, admission)),
});

function withApproval(environment: EnvironmentSpec, { approvals }: Admitted): EnvironmentSpec {
  const found = approvals.find((each) => each.environment === environment.name);
  return found === undefined ? environment : { ...environment, approval: found.approval };
}

function say(deployment: Deployment, { weaker, recorded, anchored = true }: Admitted, by: string): void {
  deployment.anchored = anchored;
  if (weaker.length > 0) deployment.status.weaker = weaker;
  for (const words of weaker) deployment.note('policy.weaker', words, { by });
  for (const words of recorded) deployment.note('policy.recorded', words, { by });
}

function admissionWords({ weaker, recorded }: Admitted): string {
  if (weaker.length > 0) return weaker.join('; ');
  return recorded.length > 0 ? `recorded by first use: ${recorded.join('; ')}` : 'as the kept policy says';
}

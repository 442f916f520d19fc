/** Changes what the engine keeps of an application: at once where nobody else has to say yes, else when the people of the old policy have. */
import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import { personProblem } from '../domain/approvals/person';
import type { PolicyAnswer } from '../activities/record-query';
import type { Change } from '../domain/policy/change';
import { policyId, type PolicyOutcome, type PolicyRequest } from './messages';
import { waitForApproval } from './steps/approve';
import { identify, refuseAnotherPlace } from './steps/identify';
import { Deployment } from './support/deployment';
import { describeFailure, halt } from './support/failure';
import { call } from './support/proxies';
import { listen } from './support/signals';

export async function policy(request: PolicyRequest): Promise<PolicyOutcome> {
  const { app, by } = request;
  refuseAnotherPlace(policyId(app), app);
  const problem = personProblem(by);
  if (problem !== null) throw halt('InvalidSpec', problem);
  const deployment = new Deployment({
    app,
    version: '',
    kind: 'policy',
    requester: by,
    phases: ['approval'],
    environment: 'production',
    strategy: '',
    notify: [],
    patience: {},
  });
  listen(deployment);
  try {
    const words = await deployment.run(() => carryOut(deployment, request));
    deployment.note('policy.changed', words, { by });
    deployment.end('succeeded', words);
  } catch (failure) {
    deployment.end('rejected', deployment.aborted ?? describeFailure(failure).message);
  }
  await deployment.journal.writeAll();
  await condition(allHandlersFinished);
  const { outcome, reason } = deployment.status;
  return { changed: outcome === 'succeeded', reason: reason ?? '' };
}

async function carryOut(deployment: Deployment, request: PolicyRequest): Promise<string> {
  await identify(deployment, request);
  const change = await resolved(request);
  const ask = (approved: string | null): Promise<PolicyAnswer> => {
    const at = new Date(Date.now()).toISOString();
    const { app, by } = request;
    return call('changePolicy', 'change the policy')({ app, by, change, approved, at, run: workflowInfo().runId });
  };
  const first = await ask(null);
  if (first.kind !== 'waits') return changed(first);
  const { environment, approval, digest, words } = first;
  deployment.warn(`this changes the policy: ${words}`);
  deployment.note('policy.asked', words, { by: request.by });
  await waitForApproval(deployment, { name: environment, approval }, { digest });
  return changed(await ask(digest));
}

function changed(answer: PolicyAnswer): string {
  if (answer.kind === 'changed') return answer.words;
  throw halt('PolicyRefused', answer.kind === 'refused' ? answer.reason : 'it waits for an approval once more');
}

/** A folder is looked at where builds run. */
async function resolved({ change }: PolicyRequest): Promise<Change> {
  if (change.kind !== 'directory') return change;
  const { directory } = change;
  const to = await call('identifySource', `which repository is ${directory}?`)({ directory });
  return { kind: 'repository', to };
}

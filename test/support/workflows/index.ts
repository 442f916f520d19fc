/**
 * Stands in for our workflows where only the client is tested: the same names, messages and answers, and a test that says by signal how
 * the deployment stands and how it ends.
 */
import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
  type SignalDefinition,
} from '@temporalio/workflow';
import type { DeploymentResult, DeploymentStatus, DeployRequest, MessageView } from '../../../domain/deployment';
import type { Plan } from '../../../domain/plan/plan';
import {
  abort,
  approve,
  pause,
  promote,
  reject,
  resume,
  status,
  waive,
  type InspectQuery,
  type RollbackRequest,
} from '../../../workflows/messages';
import { deploymentStatus } from '../statuses';

export const change = defineSignal<[Partial<DeploymentStatus>]>('change');
export const end = defineSignal<[Partial<DeploymentResult>]>('end');

const { work } = proxyActivities<{ work(): Promise<void> }>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

async function worksUntil(isOver: () => boolean): Promise<void> {
  const scope = new CancellationScope();
  const working = scope.run(work).catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  await condition(isOver);
  scope.cancel();
  await working;
}

/** @public Started by its name. */
export async function deploy(request: DeployRequest): Promise<DeploymentResult> {
  return stand({
    app: request.spec.app,
    version: request.version ?? '0',
    requester: request.requester,
    kind: 'deploy',
  });
}

/** @public Started by its name. */
export async function rollback(request: RollbackRequest): Promise<DeploymentResult> {
  const { app, to, requester, environment } = request;
  return stand({ app, version: to ?? 'previous', requester, kind: 'rollback', environment: environment.name });
}

/** Approvals of the digest `sha256:cafe` by others than the requester count; so does every abort. */
async function stand(beginning: Partial<DeploymentStatus>): Promise<DeploymentResult> {
  const { workflowId, runId, startTime } = workflowInfo();
  let now = deploymentStatus({ ...beginning, deployment: workflowId, run: runId, startedAt: startTime.toISOString() });
  let ended: Partial<DeploymentResult> | null = null;
  setHandler(status, () => now);
  setHandler(change, (to) => {
    now = { ...now, ...to };
  });
  setHandler(end, (how) => {
    ended = how;
  });
  const listen = (
    kind: MessageView['kind'],
    signal: SignalDefinition<[never]>,
    decide: (message: Record<string, string>) => [boolean, string],
  ): void => {
    setHandler(signal as SignalDefinition<[Record<string, string>]>, (message) => {
      const [accepted, reason] = decide(message);
      const { by = '', id = null } = message;
      const at = new Date(Date.now()).toISOString();
      now = { ...now, messages: [...now.messages, { id, at, kind, from: by, accepted, reason }] };
    });
  };
  listen('approve', approve as SignalDefinition<[never]>, ({ by, digest }) =>
    by === now.requester ? [false, 'somebody else must decide'] : [digest === 'sha256:cafe', `digest ${digest ?? ''}`],
  );
  listen('reject', reject as SignalDefinition<[never]>, ({ reason }) => [true, reason ?? '']);
  listen('waive', waive as SignalDefinition<[never]>, () => [false, 'nothing waits for a waiver']);
  listen('pause', pause as SignalDefinition<[never]>, ({ reason }) => [true, reason ?? '']);
  listen('resume', resume as SignalDefinition<[never]>, () => [true, 'goes on']);
  listen('promote', promote as SignalDefinition<[never]>, () => [false, 'nothing is waited for that could be skipped']);
  listen('abort', abort as SignalDefinition<[never]>, ({ reason }) => {
    ended = { outcome: 'rolled-back', reason: reason ?? null };
    return [true, 'the deployment is undone'];
  });
  if (now.version === 'works') await worksUntil(() => ended !== null);
  await condition(() => ended !== null);
  const { app, version } = now;
  const result = {
    outcome: 'succeeded' as const,
    app,
    version,
    reason: null,
    failure: null,
    seconds: 1.5,
    report: null,
  };
  const last: DeploymentResult = { ...result, ...(ended as Partial<DeploymentResult> | null) };
  now = { ...now, outcome: last.outcome, reason: last.reason, report: last.report, waitingFor: null };
  return last;
}

/** @public Started by its name. */
export async function plan(request: DeployRequest): Promise<Plan> {
  if (request.version === 'dirty') {
    throw ApplicationFailure.nonRetryable('the source has 1 change that git does not have', 'DirtySource');
  }
  const made = deploymentStatus().plan as Plan;
  const refusals = request.version === 'refused' ? ['127.0.0.1:8080 is taken by another application'] : [];
  const environments = made.environments.map((environment) => ({ ...environment, refusals }));
  return { ...made, version: request.version ?? made.version, environments };
}

/** The last deployment of the shop, as its records say. */
const SHOP_FAILED = {
  app: 'shop',
  version: '1.4.2',
  deployment: 'deploy/shop',
  run: 'e1',
  outcome: 'rolled-back',
  reason: 'unhealthy: errors',
  environment: 'production',
  diagnosis: {
    causes: [
      {
        cause: 'missing-variable',
        confidence: 0.97,
        title: 'the secret STRIPE_KEY is missing',
        count: 3,
        countBefore: 0,
        evidence: [{ source: 'router', at: null, text: '/pay: 19 of 190 failed' }],
        remedy: { text: 'Give it a value.', command: 'mvca secrets set shop production STRIPE_KEY' },
      },
    ],
    looked: [{ source: 'runner', release: 'new', lines: 0, errors: 0, found: '2 instances' }],
    unexplained: [],
    impact: {
      requests: 380,
      failed: 19,
      clients: 20,
      clientsAffected: 10,
      routes: [{ route: '/pay', requests: 190, failed: 19 }],
    },
  },
};

/**
 * Nothing runs anywhere, and nothing was written down; the records of the application `away` cannot be read.
 * @public Started by its name.
 */
export async function inspect(query: InspectQuery): Promise<unknown> {
  switch (query.kind) {
    case 'verify-audit':
      return {
        ok: true,
        rows: 12,
        firstBad: null,
        head: { rows: 12, hash: 'ab' },
        compared: 2,
        signatures: 0,
        gone: [],
      };
    case 'report':
      return null;
    case 'diagnosis':
      return query.of === 'shop' ? SHOP_FAILED : null;
    case 'environments':
      return [];
    case 'deployments':
      if (query.app === 'away')
        throw ApplicationFailure.nonRetryable('the records cannot be read', 'RecordsUnavailable');
      return [];
    default:
      return [];
  }
}

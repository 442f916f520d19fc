/**
 * Activities by class of work, each with its own time-outs. Queues are split by trust: control, build, deploy-<environment>; and those by how
 * long they hold a slot of a worker: what watches, and what must be told to others, stands in nobody's way, least of all in that of a rollback.
 */
import type { ActivityOptions } from '@temporalio/workflow';
import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  Activities,
  LineActivities,
  RecordActivities,
  ReleaseActivities,
  SourceActivities,
} from '../../activities/contract';
import { FINAL_FAILURES } from '../../domain/failures';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { visible } from '../../domain/visible';
import type { Tier } from '../../domain/words';
import { isUrgent } from './urgency';

type Call<A extends keyof Activities> = (...args: Parameters<Activities[A]>) => ReturnType<Activities[A]>;

const QUICK_RETRY = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' } as const;
const nonRetryableErrorTypes = [...FINAL_FAILURES];

/** Reads and ensures of ours: seconds, repeated through a short absence of what they talk to. */
const QUICK: ActivityOptions = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '5s',
  scheduleToCloseTimeout: '5m',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...QUICK_RETRY, nonRetryableErrorTypes },
};

/** The same for what changes something: an undo must not begin while the act may still be under way. */
const ENSURE: ActivityOptions = { ...QUICK, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED };

/** Work that heartbeats at least every second. It may be repeated at any point, so a killed worker costs only time. Cancelled, it is waited for. */
const LONG: ActivityOptions = {
  startToCloseTimeout: '30d',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '200ms',
    backoffCoefficient: 1.5,
    maximumInterval: '5s',
    maximumAttempts: 15,
    nonRetryableErrorTypes,
  },
};

/** Records are waited for as long as it takes: a deployment waits, it never loses one. */
const PATIENT: ActivityOptions = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
};

/** What is waited for may last for months, and workers come and go meanwhile. Each attempt looks once, and says when the next is due. */
const PARKED: ActivityOptions = {
  startToCloseTimeout: '100d',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: QUICK_RETRY,
};

const COURTESY: ActivityOptions = {
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '2m',
  heartbeatTimeout: '5s',
  retry: { maximumAttempts: 2 },
};

/** It has its time and no more: the release that failed waits for it, and what broke it may be what it asks. */
const BRIEF: ActivityOptions = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '10s',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { maximumAttempts: 2 },
};

type Queue = 'control' | 'record' | 'tell' | 'build' | 'deploy' | 'watch';

const CLASSES = {
  snapshotSource: { queue: 'build', options: { ...QUICK, startToCloseTimeout: '10m', scheduleToCloseTimeout: '20m' } },
  identifySource: { queue: 'build', options: QUICK },
  runTests: { queue: 'build', options: LONG },
  buildArtifact: { queue: 'build', options: LONG },
  awaitSource: { queue: 'build', options: PARKED },
  readEnvironment: { queue: 'deploy', options: QUICK },
  readMachine: { queue: 'deploy', options: QUICK },
  checkEnvironment: { queue: 'deploy', options: QUICK },
  startRelease: { queue: 'deploy', options: LONG },
  restartRelease: { queue: 'deploy', options: LONG },
  scaleRelease: { queue: 'deploy', options: LONG },
  awaitReleaseSource: { queue: 'deploy', options: PARKED },
  smokeRelease: { queue: 'deploy', options: LONG },
  integrateRelease: { queue: 'deploy', options: LONG },
  setWeights: { queue: 'deploy', options: ENSURE },
  watchRelease: { queue: 'watch', options: LONG },
  proveRelease: { queue: 'deploy', options: ENSURE },
  diagnoseRelease: { queue: 'deploy', options: BRIEF },
  drainRelease: { queue: 'deploy', options: LONG },
  stopRelease: { queue: 'deploy', options: LONG },
  drawPlan: { queue: 'control', options: QUICK },
  record: { queue: 'record', options: PATIENT },
  notify: { queue: 'tell', options: COURTESY },
  writeReport: { queue: 'control', options: COURTESY },
  readHistory: { queue: 'control', options: QUICK },
  freezeStanding: { queue: 'control', options: PARKED },
  wakeParked: { queue: 'control', options: PATIENT },
  awaitEnd: { queue: 'control', options: PARKED },
  makeRoom: { queue: 'control', options: QUICK },
  changeFreezes: { queue: 'control', options: { ...QUICK, scheduleToCloseTimeout: '20s' } },
  readPast: { queue: 'control', options: QUICK },
  readEarlier: { queue: 'control', options: QUICK },
  checkKeys: { queue: 'control', options: PATIENT },
  proveRequest: { queue: 'control', options: QUICK },
  // A person waits for the answer to a message; unanswered, it does not count.
  proveStatement: {
    queue: 'control',
    options: { ...QUICK, startToCloseTimeout: '10s', scheduleToCloseTimeout: '12s' },
  },
  keepPolicy: { queue: 'control', options: QUICK },
  keptEnvironment: { queue: 'control', options: QUICK },
  changePolicy: { queue: 'control', options: QUICK },
  anchorAudit: { queue: 'control', options: COURTESY },
  changeIdentities: { queue: 'control', options: { ...QUICK, scheduleToCloseTimeout: '20s' } },
  inspectRecords: { queue: 'control', options: { ...QUICK, scheduleToCloseTimeout: '20s' } },
} as const satisfies Record<keyof Activities, { queue: Queue; options: ActivityOptions }>;

const ROOM_MS = 5 * 60_000;

/** A start that hangs, or whose workers are away, ends: after what the spec allows, and room for unpacking and for a short absence. */
const LIMITS: { readonly [A in keyof ReleaseActivities]?: (environment: EnvironmentSpec) => number } = {
  startRelease: ({ health }) => health.startMs + 6 * ROOM_MS,
  restartRelease: ({ health }) => health.startMs + ROOM_MS,
};

/** Calls an activity; the summary is what operators read beside it in the Web UI. */
export function call<A extends keyof (SourceActivities & RecordActivities & LineActivities)>(
  name: A,
  summary: string,
): Call<A> {
  const { queue, options } = CLASSES[name];
  return proxied(name, { ...options, ...inTurn(), taskQueue: queueNamed(queue), summary: visible(summary) });
}

/** The same on the queue of an environment's workers. */
export function callIn<A extends keyof ReleaseActivities>(environment: Tier, name: A, summary: string): Call<A> {
  const { queue, options: ofClass } = CLASSES[name];
  const kind = queue === 'deploy' && isUrgent() ? 'return' : queue;
  const options = {
    ...ofClass,
    ...inTurn(),
    taskQueue: queueNamed(`${kind}-${environment}`),
    summary: visible(summary),
  };
  const limit = LIMITS[name];
  if (limit === undefined) return proxied(name, options);
  return (...args: Parameters<Activities[A]>) => {
    const { environment: spec } = args[0] as { readonly environment: EnvironmentSpec };
    return proxied(name, { ...options, scheduleToCloseTimeout: limit(spec) })(...args);
  };
}

/** Before all that is not urgent, in whatever queue. */
const inTurn = (): ActivityOptions => (isUrgent() ? { priority: { priorityKey: 1 } } : {});

function proxied<A extends keyof Activities>(name: A, options: ActivityOptions): Call<A> {
  // The SDK's mapped type does not reduce for a generic key; the promise is that of the contract.
  return proxyActivities<Activities>(options)[name] as unknown as Call<A>;
}

/** `control-x` belongs with `build-x` and `deploy-staging-x`: several stacks can share one namespace. */
const queueNamed = (kind: string): string => workflowInfo().taskQueue.replace(/^control/, kind);

/** The state of a deployment that has just begun. */
import type { DeploymentStatus, PhaseStatus } from '../../domain/deployment';
import type { NotifierSpec } from '../../domain/spec/spec';
import type { Phase, Tier } from '../../domain/words';
import type { Patience } from './steering';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Beginning {
  readonly app: string;
  readonly version: string;
  readonly kind: DeploymentStatus['kind'];
  readonly requester: string;
  readonly phases: readonly Phase[];
  readonly environment: Tier;
  /** Of that environment. */
  readonly strategy: string;
  readonly notify: readonly NotifierSpec[];
  readonly patience: Patience;
  /** true: nobody is there to waive anything. */
  readonly noWait?: boolean;
}

export const waitingPhase = (phase: Phase): PhaseStatus => ({
  phase,
  state: 'waiting',
  startedAt: null,
  seconds: null,
  summary: '',
});

/** @param deployment workflow id; @param run its run id */
export const newStatus = (beginning: Beginning, deployment: string, run: string): Mutable<DeploymentStatus> => ({
  app: beginning.app,
  version: beginning.version,
  deployment,
  run,
  kind: beginning.kind,
  requester: beginning.requester,
  startedAt: new Date(Date.now()).toISOString(),
  phase: beginning.phases[0] ?? 'validate',
  environment: beginning.environment,
  step: '',
  outcome: null,
  reason: null,
  waitingFor: null,
  pause: null,
  releases: [],
  wayBack: { open: true, reason: 'nothing has changed yet', closes: null },
  why: null,
  eta: null,
  messages: [],
  phases: beginning.phases.map(waitingPhase),
  steps: [],
  warnings: [],
  plan: null,
  snapshot: null,
  artifact: null,
  gates: [],
  watches: [],
  diagnosis: null,
  failures: [],
  unfinished: [],
  report: null,
});

/**
 * Everything that the workflows may ask for: the promise of every activity. `create-activities.ts` makes them from the ports.
 * Each may be repeated at any point ("ensure"); each that runs longer than a few seconds heartbeats and can be cancelled.
 * Failures carry a type from `domain/failures.ts`; a decision (a gate that refuses) is a value.
 */
import type { Decision } from '../domain/approvals/decide';
import type { DeploymentStatus } from '../domain/deployment';
import type { FreezeAnswer, FreezeStanding } from '../domain/freezes/freeze';
import type { GateResult } from '../domain/gates/gate';
import type { WatchResult } from '../domain/judge/figures';
import type { RestartedRelease, StartedRelease } from '../domain/release';
import type { Artifact, Snapshot } from '../domain/source';
import type { Timings } from '../domain/plan/downtime';
import type { PhaseTimes } from '../domain/plan/forecast';
import type { PastDeployment } from '../domain/plan/past';
import type { SecretVersions } from '../domain/plan/agreed';
import type { Plan } from '../domain/plan/plan';
import type { Admission, RepositoryId } from '../domain/policy/policy';
import type { BuildSpec, EnvironmentSpec, Spec, TestSpec } from '../domain/spec/spec';
import type { Address, Tier, Weights } from '../domain/words';
import type { DiagnoseActivities } from './diagnose-contract';
import type { EnvironmentFacts, EnvironmentQuery, MachineFacts } from './facts-contract';
import type {
  AdmissionRequest,
  FreezeChangeRequest,
  FreezeQuery,
  KeptSpec,
  NotifyRequest,
  ParkedPlace,
  PastQuery,
  PolicyAnswer,
  PolicyChangeRequest,
  RecordQuery,
  RecordRequest,
  WakeQuery,
} from './record-query';
import type { IdentityActivities } from './identity-contract';
import type { Drained, ScaledRelease, ScaleRequest } from './scale-contract';
import type { ReleaseWaiting, SourceWaiting } from './waiting-contract';

export interface Activities extends SourceActivities, ReleaseActivities, RecordActivities, LineActivities {}

/** Task queue `build`: runs what the application's authors wrote. */
export interface SourceActivities extends SourceWaiting {
  /**
   * Takes the source by digest; refuses a dirty tree (`DirtySource`) and what leaves the tree (`UnsafeSource`). With `asked`, the spec is read
   * anew before (`InvalidSpec` where that is not what was asked for), and the answer says whose source it is. Seconds.
   */
  snapshotSource(request: SnapshotRequest): Promise<TakenSource>;
  /** Which repository a folder belongs to. Milliseconds; changes nothing. */
  identifySource(request: { readonly directory: string }): Promise<RepositoryId>;
  /** Installs and runs the application's tests, reads the coverage (`SourceBusy` while another uses that source). Minutes; heartbeats `CommandProgress`. */
  runTests(request: SourceRequest & { readonly tests: TestSpec }): Promise<GateResult>;
  /** Builds what was not built yet, packages and stores it (`BuildFailed`; `SourceBusy` while another does). Minutes; heartbeats `CommandProgress`. */
  buildArtifact(request: SourceRequest): Promise<Artifact>;
}

export interface TakenSource extends Snapshot {
  /** Where it was asked for: what the spec says there, and which repository it is. */
  readonly admitted?: AdmittedSource;
}

export interface AdmittedSource {
  readonly spec: Spec;
  readonly repository: RepositoryId;
}

export interface SnapshotRequest {
  readonly directory: string;
  readonly version: string | null;
  readonly dirty: boolean;
  readonly git: boolean;
  readonly build: BuildSpec;
  /** The spec as the request has it; missing: an earlier version asks. */
  readonly asked?: Spec;
  /** Name of the spec's file in the folder; missing: `deployment.yaml`. */
  readonly file?: string;
  /** Of a plan: a change of that file alone, which git does not have yet, is no reason to refuse the source. */
  readonly specMayDiffer?: boolean;
}

export interface SourceRequest {
  readonly app: string;
  readonly snapshot: Snapshot;
  readonly build: BuildSpec;
  readonly git: boolean;
}

/** Names one release in one environment. */
export interface ReleaseRef {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  readonly release: string;
}

/** Task queue `deploy-<environment>`: what holds that environment's credentials. */
export interface ReleaseActivities extends DiagnoseActivities, ReleaseWaiting {
  /** What really runs and serves, asked of the platform and the router, and what a plan needs to know. Seconds; changes nothing. */
  readEnvironment(request: EnvironmentQuery): Promise<EnvironmentFacts>;
  /** Every application's releases and weights on this machine, for `status` without a spec. Seconds; changes nothing. */
  readMachine(request: { readonly app: string | null }): Promise<readonly MachineFacts[]>;
  /** Variables, secrets, databases, services. Seconds; changes nothing. */
  checkEnvironment(request: {
    readonly app: string;
    readonly environment: EnvironmentSpec;
    /** Secrets are sent only where they were meant to go before: the spec that names their destinations was not agreed to yet. */
    readonly before?: 'approval';
  }): Promise<EnvironmentResult>;
  /** Starts a release (or `count` of its instances) without traffic and waits until every one is healthy (`StartFailed` says why not). Up to `health.start`; heartbeats. */
  startRelease(
    request: ReleaseRef & {
      readonly version: string;
      readonly artifact: Artifact;
      readonly count?: number;
      /** Those that were approved (`SecretChanged` where one is not so now); missing: nobody was asked. */
      readonly secretVersions?: SecretVersions;
    },
  ): Promise<StartedRelease>;
  /**
   * Starts a kept release again as it was (an undo, or a rollback), and waits until it is healthy by its own spec; with `smoke`, makes
   * the requests of its own smoke checks too (`StartFailed` says what is not as expected). Up to `health.start`; heartbeats.
   */
  restartRelease(request: ReleaseRef & { readonly smoke?: boolean }): Promise<RestartedRelease>;
  /** So many instances run, are healthy and known to the router; others are drained and stopped. Renews the lease (`LeaseExpired`). Heartbeats. */
  scaleRelease(request: ScaleRequest): Promise<ScaledRelease>;
  /** Smoke checks against the instances (`SourceBusy` while another uses the source that they need). Heartbeats. */
  smokeRelease(
    request: ReleaseRef & { readonly addresses: readonly Address[]; readonly source: SourceRequest },
  ): Promise<GateResult>;
  /** Integration tests with BASE_URL of the new release. Heartbeats `CommandProgress`. */
  integrateRelease(
    request: ReleaseRef & { readonly addresses: readonly Address[]; readonly source: SourceRequest },
  ): Promise<GateResult>;
  /** Makes the addresses known to the router (started when it is not running) and sets the weights, under a lease or for good. Seconds. */
  setWeights(request: SetWeightsRequest): Promise<TrafficFacts>;
  /** Watches, judges, renews the lease, gives the traffic back on `unhealthy`. As long as asked, or until it is cancelled, which it answers with its result; heartbeats `WatchProgress`. */
  watchRelease(request: WatchRequest): Promise<WatchResult>;
  /** Weights stay, the lease goes, the release is marked proven (`LeaseExpired` when it had run out). Seconds. */
  proveRelease(request: ReleaseRef & { readonly holder: string }): Promise<void>;
  /** Waits until nothing of the release is in flight (bounded), then the router forgets it. Up to `traffic.drain`; refuses a release with weight. */
  drainRelease(request: ReleaseRef): Promise<Drained>;
  /** Stops a release and removes its files unless `keep`. Up to `stop.grace`; refuses (`ReleaseServes`) one that has weight. */
  stopRelease(request: ReleaseRef & { readonly keep: boolean }): Promise<void>;
}

export interface EnvironmentResult extends GateResult {
  /** By variable name, as they were checked; missing: an older worker answered. */
  readonly secretVersions?: SecretVersions;
}

export interface SetWeightsRequest {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  /** Addresses of releases that the router may not know yet. */
  readonly addresses: Readonly<Record<string, readonly Address[]>>;
  readonly weights: Weights;
  readonly lease: { readonly holder: string; readonly seconds: number; readonly fallback: Weights } | null;
  /** A router that cannot save it ends it (`DiskFull`); absent: it is repeated, as an undo must be. */
  readonly isForward?: boolean;
}

export interface TrafficFacts {
  readonly before: Weights;
  readonly after: Weights;
  /** The counters at the moment of the change, from which the watch counts; opaque, made and read by the traffic vendor. */
  readonly mark: unknown;
  readonly at: string;
}

export interface WatchRequest extends ReleaseRef {
  readonly oldRelease: string | null;
  readonly addresses: readonly Address[];
  readonly holder: string;
  readonly mark: unknown;
  /** Epoch milliseconds when the watch began, and how long it goes on. */
  readonly startedAt: number;
  readonly forMs: number;
  /** `hold`: a person is being waited for; it ends early as soon as there are answers enough. */
  readonly mode: 'watch' | 'hold';
}

export interface Earlier {
  readonly history: History;
  readonly past: readonly PastDeployment[];
}

/** Task queue `control`: quick calls of ours. */
export interface RecordActivities extends IdentityActivities {
  /** Makes the plan from spec and facts. Milliseconds; changes nothing. */
  drawPlan(request: DrawPlanRequest): Promise<Plan>;
  /** Writes audit entries and the tables for people, idempotent by (workflow id, run id, sequence). Milliseconds. */
  record(request: RecordRequest): Promise<void>;
  /** Tells the notifiers; answers what failed, in words; never throws for a notifier. Seconds. */
  notify(request: NotifyRequest): Promise<readonly string[]>;
  /** Writes report.html, report.md and report.json; answers their folder. */
  writeReport(status: DeploymentStatus): Promise<string>;
  /** Seconds that phases took in earlier successful deployments, for estimates. */
  readHistory(request: { readonly app: string }): Promise<History>;
  /** How earlier deployments of this version, or of this source, ended; newest first, at most 100. Milliseconds; changes nothing. */
  readPast(request: PastQuery): Promise<readonly PastDeployment[]>;
  /** Both at once: phases of earlier deployments, and how those of this version or source ended. Milliseconds; changes nothing. */
  readEarlier(request: PastQuery): Promise<Earlier>;
  /** Is production frozen for the application? At once where nothing is `known`; else it fails, to be repeated later, until that is not so any more. */
  freezeStanding(query: FreezeQuery): Promise<FreezeStanding>;
  /** Tells parked deployments that freezes have changed; answers the last one that was told, null when nobody is left. Seconds. */
  wakeParked(query: WakeQuery): Promise<ParkedPlace | null>;
  /** Makes or ends freezes, once by run, with an audit entry for each (`FreezeRefused` when its times cannot be). Milliseconds. */
  changeFreezes(request: FreezeChangeRequest): Promise<FreezeAnswer>;
  /** Holds a request against the policy that is kept of its application, and records what nobody said before. Milliseconds; a refusal is an answer. */
  keepPolicy(request: AdmissionRequest): Promise<Admission>;
  /** What the application was deployed with in an environment; null: nothing is kept. Milliseconds; changes nothing. */
  keptEnvironment(request: { readonly app: string; readonly environment: Tier }): Promise<KeptSpec | null>;
  /** Changes what is kept, or says whose yes that needs. Milliseconds. */
  changePolicy(request: PolicyChangeRequest): Promise<PolicyAnswer>;
  /** Read by the CLI through the `inspect` workflow. */
  inspectRecords(query: RecordQuery): Promise<unknown>;
}

/** Task queue `control`: for those that wait in line. */
export interface LineActivities {
  /** Answers when the deployment with this workflow id does not run (any more); until then it fails, to be repeated later. */
  awaitEnd(request: { readonly deployment: string }): Promise<void>;
  /** Asks a running deployment to make room for a newer one; its own answer, or yes where nothing runs. Fails, to be repeated, while it does not answer. Seconds. */
  makeRoom(request: MakeRoomRequest): Promise<Decision>;
}

export interface MakeRoomRequest {
  readonly deployment: string;
  /** Of the place in the line, by which a repeated call finds its answer. */
  readonly id: string;
  readonly by: string;
  readonly version: string;
}

export interface DrawPlanRequest {
  readonly spec: Spec;
  readonly to: Tier;
  readonly snapshot: Snapshot;
  readonly facts: readonly EnvironmentFacts[];
  readonly history: History;
  readonly past?: readonly PastDeployment[];
  /** Why a version that was rolled back is deployed again; null: nobody said. */
  readonly reason?: string | null;
}

export interface History {
  /** At most 20 of each. */
  readonly phases: PhaseTimes;
  readonly timings?: Timings;
}

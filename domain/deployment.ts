/** The state of one deployment as people see it: `status --json`, live view, Web UI, report, all made from this. */
import type { Diagnosis } from './diagnosis/answer';
import type { FailureType } from './failures';
import type { Proof } from './identity/statement';
import type { GateResult } from './gates/gate';
import type { WatchResult } from './judge/figures';
import type { Forecast } from './plan/forecast';
import type { Plan } from './plan/plan';
import type { Unfinished } from './rollback';
import type { Artifact, Snapshot } from './source';
import type { Spec } from './spec/spec';
import type { Outcome, Phase, StepState, Tier, Why } from './words';

/** Argument of the `deploy` workflow. */
export interface DeployRequest {
  readonly spec: Spec;
  /** Absolute path of the folder that holds the spec and the application. */
  readonly directory: string;
  /** Name of the spec's file in it; missing: `deployment.yaml`. */
  readonly file?: string;
  /** null: the tag, else the short commit, else the digest's start. */
  readonly version: string | null;
  readonly dirty: boolean;
  /** The last environment to reach. */
  readonly to: Tier;
  readonly requester: string;
  /** Why; needed where this version was rolled back the last time. */
  readonly reason?: string | null;
  /** Nobody is there who could waive anything: what cannot be decided ends it at once. Missing: people are waited for. */
  readonly noWait?: boolean;
  /** That the requester asks for it: over everything else in this. */
  readonly proof?: Proof;
}

export interface StepEvent {
  /** Grows by one; the follower asks for those after the last it saw. */
  readonly sequence: number;
  readonly at: string;
  readonly phase: Phase;
  readonly environment: Tier | null;
  readonly step: string;
  readonly state: StepState;
  readonly summary: string;
}

export interface PhaseStatus {
  readonly phase: Phase;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'undone' | 'skipped';
  readonly startedAt: string | null;
  readonly seconds: number | null;
  readonly summary: string;
}

export interface ReleaseView {
  readonly environment: Tier;
  readonly release: string;
  readonly version: string;
  readonly artifact: string;
  /** The weight that was set, in percent. */
  readonly weight: number;
  /** The share of requests that was measured, in percent; null without requests. */
  readonly measured: number | null;
  readonly state: string;
  /** How many of its instances are to run; absent where that is not known. */
  readonly instances?: number;
  /** Who keeps an instance from its port, in words; absent where nobody does. */
  readonly problem?: string;
}

/** Seconds that something took, in the order in which they were measured. */
export interface Timing {
  readonly environment: Tier;
  /** `start`: until a release's instances were healthy; `gap`: from the last request that could reach the old release to the first to the new one. */
  readonly what: 'start' | 'gap';
  readonly seconds: number;
}

export interface WaitingFor {
  readonly kind: 'approval' | 'variables' | 'person' | 'freeze';
  /** What is to be decided: `the watch is inconclusive: …`; absent where the kind says it. */
  readonly about?: string;
  readonly digest: string | null;
  /** ISO; after it `then` happens. */
  readonly deadline: string;
  readonly then: string;
  /** The command that answers. */
  readonly answer: string;
  /** Empty: anybody. */
  readonly from: readonly string[];
  /** The requester, where their word does not count. */
  readonly notBy?: string;
  readonly needs: number;
  readonly given: number;
}

/** A person holds the next step; a watch that is under way goes on. */
export interface PauseView {
  readonly by: string;
  readonly reason: string;
  /** ISO. */
  readonly since: string;
  /** ISO; after it `then` happens. */
  readonly deadline: string;
  readonly then: string;
  /** The command that ends it. */
  readonly answer: string;
  /** The step that waits for its end; null while something is still under way. */
  readonly before: string | null;
}

/** A signal that came, and whether it counted. */
export interface MessageView {
  /** Chosen by the sender, to find its own answer; null where it gave none. */
  readonly id: string | null;
  readonly at: string;
  readonly kind: 'approve' | 'reject' | 'abort' | 'waive' | 'supersede' | 'pause' | 'resume' | 'promote';
  readonly from: string;
  readonly accepted: boolean;
  readonly reason: string;
  /** Fingerprint of the key that signed it; absent: nobody did, and the name is a claim. */
  readonly key?: string;
}

export interface DeploymentStatus {
  readonly app: string;
  readonly version: string;
  readonly deployment: string;
  readonly run: string;
  readonly kind: 'deploy' | 'rollback' | 'policy';
  readonly requester: string;
  readonly startedAt: string;
  readonly phase: Phase;
  readonly environment: Tier | null;
  readonly step: string;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  /** What stopped it; null when nothing did; absent while it runs, and in states of older versions. */
  readonly failure?: FailureType | null;
  readonly waitingFor: WaitingFor | null;
  readonly pause: PauseView | null;
  readonly releases: readonly ReleaseView[];
  /** Of a rollback: the release that served and is left. */
  readonly leaves?: Pick<ReleaseView, 'release' | 'version' | 'artifact'>;
  readonly wayBack: { readonly open: boolean; readonly reason: string; readonly closes: string | null };
  readonly why: Why | null;
  /** How long the whole of the current phase takes, from the application's own history; null without one. */
  readonly eta: ({ readonly phase: Phase } & Forecast) | null;
  readonly messages: readonly MessageView[];
  /** `claims`: nobody has an identity, and whoever may send messages may use any name; absent: not asked yet. */
  readonly names?: 'signed' | 'claims';
  /** May a newer deployment take its place now, and why (not)? Asked of a running one. */
  readonly supersedable?: { readonly accepted: boolean; readonly reason: string };
  readonly phases: readonly PhaseStatus[];
  readonly steps: readonly StepEvent[];
  /** What was measured on the way, for forecasts; absent in deployments of older versions. */
  readonly timings?: readonly Timing[];
  readonly warnings: readonly string[];
  /** Where the spec asks for a weaker approval than the policy that is kept and applies; absent: nowhere. */
  readonly weaker?: readonly string[];
  readonly plan: Plan | null;
  readonly snapshot: Snapshot | null;
  readonly artifact: Artifact | null;
  readonly gates: readonly (GateResult & { readonly environment: Tier | null })[];
  readonly watches: readonly (WatchResult & {
    readonly environment: Tier;
    /** The weight that was set for the new release, in percent. */
    readonly weight: number;
  })[];
  /** Why it failed and whom it hit, as far as that was found out; null: not failed, or not looked (records from before have none). */
  readonly diagnosis: Diagnosis | null;
  /** What could not be undone or notified, in words. */
  readonly failures: readonly string[];
  /** Thing by thing what could not be undone, and the command that finishes it. */
  readonly unfinished: readonly Unfinished[];
  /** Folder of the reports, once written. */
  readonly report: string | null;
}

/** Result of the `deploy` and `rollback` workflows. */
export interface DeploymentResult {
  readonly outcome: Outcome;
  readonly app: string;
  readonly version: string;
  readonly reason: string | null;
  /** What stopped it; null when it succeeded. */
  readonly failure: FailureType | null;
  readonly seconds: number;
  readonly report: string | null;
}

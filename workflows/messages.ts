/**
 * What people send to a running deployment, and what they ask of it. Each signal is one object, so that the Web UI and
 * `temporal workflow signal` can send it as well. The answer to a signal is read from `status`: `messages` says whether it counted.
 */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { DiagnoseRequest } from '../activities/diagnose-contract';
import type { ParkedPlace, RecordQuery } from '../activities/record-query';
import type { DeploymentStatus, DeployRequest } from '../domain/deployment';
import type { Proof } from '../domain/identity/statement';
import type { Place } from '../domain/line';
import type { Change } from '../domain/policy/change';
import type { EnvironmentSpec, NotifierSpec } from '../domain/spec/spec';

interface Message {
  /** Who sends it. */
  readonly by: string;
  /** Any text of the sender's, shown beside the answer. */
  readonly id?: string;
  /** Base64 of a signature over the message, its run and its application; see `domain/identity/statement.ts`. */
  readonly signature?: string;
  /** ISO; when it counts no more. Signed as well. */
  readonly expires?: string;
  /** Signed as well; makes each message another one. */
  readonly nonce?: string;
}

export interface Approve extends Message {
  /** The plan's digest, as `status` shows it. */
  readonly digest: string;
  readonly reason?: string;
}
export interface Reject extends Message {
  readonly digest?: string;
  readonly reason: string;
}
export interface Abort extends Message {
  readonly reason: string;
}
export interface Waive extends Message {
  readonly digest?: string;
  readonly finding?: string;
  readonly reason: string;
}
export interface Supersede extends Message {
  /** The version that is to take its place; empty: not known yet. */
  readonly version: string;
}

export interface Pause extends Message {
  readonly reason: string;
}
export interface Resume extends Message {
  readonly digest?: string;
  readonly reason?: string;
}
export interface Promote extends Message {
  readonly digest?: string;
  readonly reason: string;
}

export const approve = defineSignal<[Approve]>('approve');
export const reject = defineSignal<[Reject]>('reject');
export const abort = defineSignal<[Abort]>('abort');
export const waive = defineSignal<[Waive]>('waive');
/** From the line of the application: a newer deployment wants its place. */
export const supersede = defineSignal<[Supersede]>('supersede');
export const pause = defineSignal<[Pause]>('pause');
export const resume = defineSignal<[Resume]>('resume');
export const promote = defineSignal<[Promote]>('promote');
/** From `thaw`: freezes have changed, and whoever is parked asks again. */
export const freezesChanged = defineSignal<[]>('freezesChanged');
/** From the line of the application: it wants to hear (`ended`) when this deployment is over. */
export const tellEnd = defineSignal<[]>('tellEnd');
export const status = defineQuery<DeploymentStatus>('status');

/** Argument of the `rollback` workflow. */
export interface RollbackRequest {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  readonly notify: readonly NotifierSpec[];
  /** A release or a version that is kept; null: the previous one. */
  readonly to: string | null;
  readonly requester: string;
  readonly reason: string | null;
  /** That the requester asks for it: over everything else in this. */
  readonly proof?: Proof;
}

/** Argument of the `policy` workflow. */
export interface PolicyRequest {
  readonly app: string;
  readonly by: string;
  readonly change: Change | { readonly kind: 'directory'; readonly directory: string };
  /** Of whoever asks, over all of this. */
  readonly proof?: Proof;
}

export interface PolicyOutcome {
  readonly changed: boolean;
  readonly reason: string;
}

/** One change of an application's policy at a time. */
export const retireId = (app: string, environment: string, release: string): string =>
  `retire/${app}/${environment}/${release}`;
export const policyId = (app: string): string => `policy/${app}`;

/** Argument of the `retire` workflow. */
export interface RetireRequest {
  readonly app: string;
  /** `retire.afterMs` says when. */
  readonly environment: EnvironmentSpec;
  readonly release: string;
  /** A release that serves is left alone, or stopped so that nobody serves; missing: left alone. */
  readonly serving?: 'leave' | 'stop';
  /** The person who asks; missing: a deployment, when its time is over. */
  readonly by?: string;
  readonly proof?: Proof;
}

/** `unknown`: there is no such release, and nothing was done. */
export type Retirement = 'stopped' | 'serves again' | 'unknown';

/** Argument of the `inspect` workflow: reads for the CLI. */
export type InspectQuery =
  | RecordQuery
  | { readonly kind: 'environments'; readonly app: string; readonly environments: readonly EnvironmentSpec[] }
  | { readonly kind: 'diagnose'; readonly request: DiagnoseRequest }
  | { readonly kind: 'machine'; readonly app: string | null }
  /** Answers `FreezeStanding`, also when the records cannot be read. */
  | { readonly kind: 'freeze-standing'; readonly app: string };

/** Argument of the `thaw` workflow. */
export interface ThawState {
  /** Whose freezes changed; null: those of all. */
  readonly app: string | null;
  /** The last one that was told; null: nobody yet. */
  readonly after: ParkedPlace | null;
}

/** One application at a time: its workflow id is the lock. */
export const deploymentId = (app: string): string => `deploy/${app}`;

/** The application whose workflow that is. */
export const appIn = (workflowId: string): string => workflowId.slice(workflowId.indexOf('/') + 1);

/** Task queue of workflows and quick calls; the others are named after it. */
export const CONTROL_QUEUE = 'control';

/** What waits in the line of an application. */
export type LineRequest =
  | { readonly kind: 'deploy'; readonly asked: DeployRequest }
  | { readonly kind: 'rollback'; readonly asked: RollbackRequest };

export interface Waiting extends Place {
  readonly request: LineRequest;
}

/** Argument of the `line` workflow. */
export interface LineState {
  readonly app: string;
  readonly waiting: readonly Waiting[];
}

export const join = defineSignal<[Waiting]>('join');
export const leave = defineSignal<[{ readonly id: string; readonly by: string; readonly reason: string }]>('leave');
/** From a deployment that ends now. */
export const ended = defineSignal<[]>('ended');
export const lineView = defineQuery<{ readonly places: readonly Place[] }>('line');

export const lineId = (app: string): string => `line/${app}`;

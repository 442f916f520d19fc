/** What records and notifiers are asked, and told; part of `contract.ts`. */
import type { AuditEntry } from '../domain/audit';
import type { DeploymentStatus } from '../domain/deployment';
import type { KnownHead } from '../domain/records';
import type { ApprovalSpec, EnvironmentSpec, NotifierSpec } from '../domain/spec/spec';
import type { FreezeChange, FreezeStanding } from '../domain/freezes/freeze';
import type { Asked } from '../domain/policy/admit';
import type { Change } from '../domain/policy/change';
import type { Tier } from '../domain/words';

export type RecordQuery =
  | { readonly kind: 'deployments'; readonly app: string | null; readonly limit: number }
  | { readonly kind: 'audit'; readonly app: string | null; readonly limit: number }
  /** Freezes in force or planned: of an application with those of all, or every one (null). */
  | { readonly kind: 'freezes'; readonly app: string | null }
  /** Whose keys count, and counted. */
  | { readonly kind: 'identities' }
  /** With heads that were kept elsewhere. */
  | { readonly kind: 'verify-audit'; readonly anchors?: readonly KnownHead[] }
  /** The rows after that one, oldest first: as many as one answer holds. */
  | { readonly kind: 'audit-rows'; readonly after: number }
  /** What the engine keeps of an application. */
  | { readonly kind: 'policy'; readonly app: string }
  | { readonly kind: 'report'; readonly app: string; readonly version: string | null }
  /** The newest deployment of that application, workflow, run or version; where several fit, one of `preferred`. */
  | { readonly kind: 'diagnosis'; readonly of: string; readonly preferred: string | null };

export interface FreezeQuery {
  readonly app: string;
  /** What was answered before; null: nothing yet. */
  readonly known: FreezeStanding | null;
  /** The deployment that asks is parked while production is frozen: it is told (`freezesChanged`) of every change from then on. */
  readonly parks?: boolean;
}

/** A deployment that is parked. */
export interface ParkedPlace {
  readonly deployment: string;
  readonly run: string;
}

export interface WakeQuery {
  /** Whose freezes changed; null: those of all. */
  readonly app: string | null;
  /** Those behind it in the order of their names; null: from the first one on. */
  readonly after: ParkedPlace | null;
  /** So many at most. */
  readonly most: number;
}

export interface FreezeChangeRequest {
  /** Workflow and run that ask, as the audit log names them. */
  readonly deployment: string;
  readonly run: string;
  /** ISO; the workflow's clock. */
  readonly at: string;
  readonly change: FreezeChange;
}

/** Who asks for what, and from where, to be held against what is kept of the application. */
export interface AdmissionRequest extends Asked {
  readonly by: string;
  /** ISO; the workflow's clock. */
  readonly at: string;
  readonly run: string;
  /** What nobody said before is recorded; false: nothing is. */
  readonly records: boolean;
  /** Environments and notifiers as the worker read them, kept for what comes without a file; missing: none. */
  readonly specs?: readonly EnvironmentSpec[];
  readonly notify?: readonly NotifierSpec[];
}

/** What an application was deployed with in an environment. */
export interface KeptSpec {
  readonly environment: EnvironmentSpec;
  readonly notify: readonly NotifierSpec[];
}

export interface PolicyChangeRequest {
  readonly app: string;
  readonly by: string;
  readonly change: Change;
  /** Digest of the change that people said yes to; null: nobody was asked. */
  readonly approved: string | null;
  /** ISO; the workflow's clock. */
  readonly at: string;
  readonly run: string;
}

export type PolicyAnswer =
  | { readonly kind: 'changed'; readonly words: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'waits';
      /** Of the change, and of what is kept now. */
      readonly digest: string;
      readonly approval: ApprovalSpec;
      readonly environment: Tier;
      readonly words: string;
    };

export interface PastQuery {
  readonly app: string;
  readonly version: string;
  /** Digest of the source. */
  readonly source: string;
}

export interface NotifyRequest {
  readonly notifiers: readonly NotifierSpec[];
  readonly app: string;
  /** Such as `waiting`, `succeeded`, `rolled-back`. */
  readonly event: string;
  /** One sentence, without secrets. */
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

export interface RecordRequest {
  readonly deployment: string;
  readonly run: string;
  readonly app: string;
  readonly entries: readonly AuditEntry[];
  /** The whole state at that time; the tables for people are made from it. null: entries alone, as of a line. */
  readonly status: DeploymentStatus | null;
}

export interface StatedRecord extends RecordRequest {
  readonly status: DeploymentStatus;
}

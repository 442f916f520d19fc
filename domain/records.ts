/** What is read from the records: answers of `inspectRecords`. */
import type { AuditEntry } from './audit';
import type { Diagnosis } from './diagnosis/answer';
import type { Outcome, Phase, Tier } from './words';

/** One row of the audit log, in the chain. */
export interface AuditRow extends AuditEntry {
  /** 1, 2, … without a gap, over all applications. */
  readonly row: number;
  readonly app: string;
  readonly deployment: string;
  readonly run: string;
  /** Hash of the row before; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256 over `previous` and the canonical JSON of everything else, in hexadecimal digits. */
  readonly hash: string;
}

/** How many rows there are, and the hash of the last. */
export interface AuditHead {
  readonly rows: number;
  readonly hash: string;
}

/** A head as a report carries it, signed with the machine's key (Ed25519). */
export interface SignedHead extends AuditHead {
  /** Base64 of the public key in SPKI form. */
  readonly key: string;
  /** Base64, over `signedText(head)`. */
  readonly signature: string;
}

/** A head that was written down elsewhere, such as in a report. */
export interface KnownHead extends AuditHead {
  /** Where it stands. */
  readonly from: string;
}

export interface AuditVerification {
  readonly ok: boolean;
  readonly rows: number;
  readonly firstBad: { readonly row: number; readonly why: string } | null;
  readonly head: AuditHead;
  /** How many heads from elsewhere (reports, anchors) were compared. */
  readonly compared: number;
  /** How many signatures of people were verified. */
  readonly signatures: number;
  /** Reports that the log says were written on this machine, and that are not there. */
  readonly gone: readonly ReportGone[];
}

export interface ReportGone {
  /** Of the log. */
  readonly row: number;
  readonly folder: string;
}

/** A head as an anchor keeps it, a line each. */
export interface AnchorLine extends SignedHead {
  /** ISO. */
  readonly at: string;
  readonly app: string;
  readonly run: string;
}

export interface DeploymentRow {
  readonly deployment: string;
  readonly run: string;
  readonly app: string;
  readonly version: string;
  readonly kind: 'deploy' | 'rollback';
  readonly requester: string;
  /** ISO. */
  readonly startedAt: string;
  /** ISO; null while it runs. */
  readonly endedAt: string | null;
  readonly seconds: number | null;
  readonly phase: Phase;
  readonly environment: Tier | null;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  /** Folder of the reports, where there are any. */
  readonly report: string | null;
}

/** The newest report of an app (and version). */
export interface ReportPlace {
  readonly app: string;
  readonly version: string;
  readonly deployment: string;
  readonly run: string;
  readonly outcome: Outcome | null;
  /** null: not written yet, or on another machine. */
  readonly folder: string | null;
}

/** What is signed of a head. */
export const signedText = (head: AuditHead): string => `mvca audit head ${head.rows} ${head.hash}`;

/** What a deployment's records say of why it failed. */
export interface StoredDiagnosis {
  readonly app: string;
  readonly version: string;
  readonly deployment: string;
  readonly run: string;
  /** null while it runs. */
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly environment: Tier | null;
  /** null: not looked, or written by an older version. */
  readonly diagnosis: Diagnosis | null;
}

/** What it takes to find out why a release failed; part of `contract.ts`. */
import type { Diagnosis } from '../domain/diagnosis/answer';
import type { Why } from '../domain/words';
import type { ReleaseRef } from './contract';

export interface DiagnoseActivities {
  /** Why a release failed: its logs, figures and answers, and what changed since the old one. At most 10 seconds; changes nothing. */
  diagnoseRelease(request: DiagnoseRequest): Promise<Diagnosis>;
}

export interface DiagnoseRequest extends ReleaseRef {
  readonly oldRelease: string | null;
  /** The counters when it got traffic; null: counted from when the router started. */
  readonly mark: unknown;
  /** What the watch measured, where one ended it. */
  readonly why: Why | null;
}

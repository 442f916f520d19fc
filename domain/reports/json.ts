/** A report for programs: the whole status, the sentence, and the head of the audit log. */
import type { DeploymentStatus } from '../deployment';
import type { SignedHead } from '../records';
import { outcomeSentence } from './sentence';

export interface JsonReport {
  readonly format: 1;
  readonly sentence: string;
  readonly status: DeploymentStatus;
  /** null: the log could not be read when the report was written. */
  readonly audit: SignedHead | null;
}

export const jsonReport = (status: DeploymentStatus, head: SignedHead | null): JsonReport => ({
  format: 1,
  sentence: outcomeSentence(status),
  status,
  audit: head,
});

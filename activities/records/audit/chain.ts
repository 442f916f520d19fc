/** The hash chain of the audit log. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../domain/canonical-json';
import type { AuditRow } from '../../../domain/records';

/** What stands before the first row. */
export const BEGINNING = '0'.repeat(64);

/** SHA-256(previous || canonical JSON of the row), in hexadecimal digits. Every column counts. */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { previous, ...content } = row;
  return createHash('sha256').update(previous).update(canonicalJson(content)).digest('hex');
}

/** The hash chain of the audit log. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json';
import type { AuditHead, AuditRow } from '../../domain/records';

/** What stands before the first row. */
export const BEGINNING = '0'.repeat(64);

/** SHA-256(previous || canonical JSON of the row), in hexadecimal digits. Every column counts. */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { previous, ...content } = row;
  return createHash('sha256').update(previous).update(canonicalJson(content)).digest('hex');
}

/** What is wrong with a row that should follow the last one; null: nothing. */
export function chainProblem(last: AuditHead, row: AuditRow): string | null {
  const expected = last.rows + 1;
  if (row.row > expected) return missingRows(expected, row.row - 1);
  if (row.row < expected) return `row ${row.row} stands before the beginning`;
  const { hash, ...content } = row;
  if (hashOf(content) !== hash)
    return `row ${row.row} was changed: its content does not have the hash that it was written with`;
  return row.previous === last.hash
    ? null
    : `row ${row.row} does not follow row ${last.rows}: one of the two was put in the place of another`;
}

export const missingRows = (from: number, to: number): string =>
  from === to ? `row ${from} is missing` : `rows ${from} to ${to} are missing`;

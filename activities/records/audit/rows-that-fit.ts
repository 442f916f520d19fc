/** So many rows as one answer of Temporal's may hold. */
import type { AuditRow } from '../../../domain/records';

const MOST_BYTES = 1_000_000;

/** At least one. */
export function rowsThatFit(rows: readonly AuditRow[]): readonly AuditRow[] {
  let bytes = 0;
  const end = rows.findIndex((row) => (bytes += Buffer.byteLength(JSON.stringify(row))) > MOST_BYTES);
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}

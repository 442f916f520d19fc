/** Goes through the audit log row by row, from the database or from a file, and names the first row that is not as it was written. */
import type { AuditHead, AuditRow, AuditVerification, KnownHead } from '../../domain/records';
import { BEGINNING, chainProblem, missingRows } from './chain';
import { createSignatureWalk } from './signatures';

type Bad = NonNullable<AuditVerification['firstBad']>;

export interface AuditWalk {
  /** false: it is bad, and nothing after it is looked at. */
  next(row: AuditRow): boolean;
  /** What was found, beside a head that says how many rows there must be; null: it is gone. */
  end(head: AuditHead | null): Pick<AuditVerification, 'firstBad' | 'head' | 'signatures' | 'compared'>;
}

export interface WalkOptions {
  /** Heads that were written down elsewhere. */
  readonly known?: readonly KnownHead[];
  /** Public keys, as lines, that an auditor trusts; null: those that the log names. */
  readonly trusted?: readonly string[] | null;
}

export function createAuditWalk({ known = [], trusted = null }: WalkOptions = {}): AuditWalk {
  const signatures = createSignatureWalk(trusted);
  let last: AuditHead = { rows: 0, hash: BEGINNING };
  let bad: Bad | null = null;
  return {
    next: (row) => {
      const why = chainProblem(last, row) ?? againstKnown(row, known) ?? signatures.next(row);
      if (why !== null) bad = { row: Math.min(row.row, last.rows + 1), why };
      else last = { rows: row.row, hash: row.hash };
      return why === null;
    },
    end: (head) => ({
      firstBad: bad ?? (head === null ? noHead() : againstHead(last, head)) ?? beyond(last, known),
      head: head ?? last,
      signatures: signatures.verified,
      compared: known.length,
    }),
  };
}

function againstKnown(row: AuditRow, known: readonly KnownHead[]): string | null {
  const other = known.find((head) => head.rows === row.row && head.hash !== row.hash);
  return other === undefined ? null : `row ${row.row} is another than ${other.from} says: the log was written anew`;
}

function againstHead(last: AuditHead, head: AuditHead): Bad | null {
  if (last.rows < head.rows) return { row: last.rows + 1, why: `${missingRows(last.rows + 1, head.rows)} at the end` };
  if (last.rows > head.rows)
    return { row: head.rows + 1, why: `row ${head.rows + 1} was added past the head, which says ${head.rows} rows` };
  return last.hash === head.hash ? null : { row: last.rows, why: `row ${last.rows} is another than the head says` };
}

const noHead = (): Bad => ({ row: 0, why: 'the head of the log is missing' });

function beyond(last: AuditHead, known: readonly KnownHead[]): Bad | null {
  const longer = known.find((head) => head.rows > last.rows);
  return longer === undefined
    ? null
    : {
        row: last.rows + 1,
        why: `${missingRows(last.rows + 1, longer.rows)}: ${longer.from} says ${longer.rows} rows`,
      };
}

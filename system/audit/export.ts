/** The audit log as one file, which can be verified without the engine: by its rows, its head, and the keys that it names. */
import { readPublicKey } from '../ssh/public-key';
import { isSigned } from '../signing';
import {
  signedText,
  type AnchorLine,
  type AuditHead,
  type AuditRow,
  type AuditVerification,
  type KnownHead,
} from '../../domain/records';
import { createAuditWalk } from './walk';

export interface AuditExport {
  readonly format: 'mvca-audit/1';
  readonly head: AuditHead;
  readonly rows: readonly AuditRow[];
}

/** @throws Error that says what the file is not */
export function readExport(text: string): AuditExport {
  const read = parsed(text) as Partial<AuditExport> | null;
  if (read?.format !== 'mvca-audit/1' || !Array.isArray(read.rows) || typeof read.head?.hash !== 'string')
    throw new Error('it is no export of the audit log: expected what `mvca audit export` prints');
  return read as AuditExport;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function verifyExport(
  { rows, head }: AuditExport,
  { known, trusted }: { readonly known: readonly KnownHead[]; readonly trusted: readonly string[] | null },
): AuditVerification {
  const walk = createAuditWalk({ known, trusted });
  for (const row of rows) if (!walk.next(row)) break;
  const found = walk.end(head);
  return { ...found, ok: found.firstBad === null, rows: rows.length, gone: [] };
}

/** Heads of an anchor's lines; one that is not signed as it says is none. */
export function readAnchors(text: string, from: string): readonly KnownHead[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const head = parsed(line) as AnchorLine | null;
    const place = `${from}, line ${index + 1}`;
    if (head === null || typeof head.hash !== 'string' || !isSigned(signedText(head), head))
      throw new Error(`${place} is not a head that a machine signed`);
    return { rows: head.rows, hash: head.hash, from: place };
  });
}

/** The keys of a file in the form of `allowed_signers` of OpenSSH, or of public keys alone. @throws Malformed */
export function readSigners(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /(?:^|\s)((?:ssh-|ecdsa-|sk-)\S+\s+[A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? line)
    .map((line) => (readPublicKey(line), line));
}

/** What may be kept of a line that an instance printed: without values of secrets, and not longer than 64 KB. */
import { createRedactor } from '../../domain/secrets/redact';

/** In characters. */
const LONGEST_LINE = 64 * 1024;
const CUT = ' … (cut)';
/** A character takes at most six others in any encoding that is masked (`\uXXXX` in JSON). */
const LONGEST_ESCAPE = 6;

export interface Mask {
  /** Lines must be read up to this many characters, so that a secret across the cut is still seen whole. */
  readonly readLength: number;
  readonly mask: (line: string) => string;
}

/** @param secrets values; those of fewer than 6 characters are let stand. */
export function createMask(secrets: readonly string[]): Mask {
  const redact = createRedactor(secrets);
  const longest = LONGEST_ESCAPE * Math.max(0, ...secrets.map((secret) => Buffer.byteLength(secret)));
  const readLength = LONGEST_LINE + longest + 1;
  return {
    readLength,
    mask(line) {
      if (line.length <= LONGEST_LINE) return redact(line);
      // The end of what was read may be the beginning of a secret; it is beyond the cut, unless masking made the line shorter.
      const redacted = redact(line);
      const safe = line.length < readLength ? redacted : redacted.slice(0, Math.max(0, redacted.length - longest));
      return safe.length <= LONGEST_LINE && line.length < readLength ? safe : safe.slice(0, LONGEST_LINE) + CUT;
    },
  };
}

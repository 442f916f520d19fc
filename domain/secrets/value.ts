/** What the value of a secret may be: what the environment of a process can hold. Problems are said without the value. */
import { Buffer } from 'node:buffer';

/** Linux takes 128 KiB for one variable with its name; some room is left. */
export const LONGEST_SECRET_BYTES = 100 * 1024;

/** Why it cannot be a secret's value; null: it can. */
export function secretValueProblem(value: string): string | null {
  if (value === '') return 'the value is empty';
  if (value.includes('\0')) return 'the value holds a NUL byte, which no variable can hold; encode it, as base64 does';
  const bytes = Buffer.byteLength(value);
  if (bytes > LONGEST_SECRET_BYTES)
    return `the value is longer than ${LONGEST_SECRET_BYTES} bytes, more than a variable can hold; keep it elsewhere, and set how to get at it`;
  return null;
}

/** Failures of activities: a type that policies and people know, a message that says the next step, and never a secret. */
import { ApplicationFailure } from '@temporalio/common';
import { FINAL_FAILURES, type FailureType } from '../domain/failures';
import { redact } from '../domain/secrets/redact';

/** A failure travels through every history event that mentions it. */
const LONGEST_MESSAGE = 4_000;

export interface FailOptions {
  readonly cause?: unknown;
  /** Values that must not be seen; taken out of the message and of the cause's. */
  readonly secrets?: readonly string[];
}

/** Makes the failure to throw; not repeated when `FINAL_FAILURES` names its type. The cause keeps its message and loses its stack. */
export function fail(type: FailureType, message: string, options: FailOptions = {}): ApplicationFailure {
  const secrets = options.secrets ?? [];
  const cause = options.cause === undefined ? undefined : plainCause(options.cause, secrets);
  return ApplicationFailure.create({
    type,
    message: shorten(redact(message, secrets)),
    nonRetryable: FINAL_FAILURES.includes(type),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What serves the traffic cannot save a change, which therefore did not happen: the disk is full, or broken. */
export class TrafficUnsaved extends Error {
  override readonly name = 'TrafficUnsaved';
}

/** A full disk, or a used-up quota, in words; whatever else was thrown stays as it is. @param what what cannot be done there */
export function diskWords(error: unknown, what: string): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '')) return error;
  return fail('DiskFull', `${what}: the disk is full. Next: free space, or set MVCA_HOME to a folder on another disk`);
}

/** Words of whatever was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function plainCause(cause: unknown, secrets: readonly string[]): Error {
  const plain = new Error(shorten(redact(wordsOf(cause), secrets)));
  plain.stack = '';
  return plain;
}

/** As much of a text as a failure carries. */
export const shorten = (text: string): string =>
  text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)} … (${text.length} characters)`;

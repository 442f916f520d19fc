/** What the client says in its own words instead of Temporal's. */
import { isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';

/** The numbers of gRPC's status codes that mean: not reached, or not answered (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const UNREACHED: Readonly<Record<number, string>> = {
  1: 'the call was broken off',
  4: 'no answer in time',
  14: 'no connection',
};

/** Nobody answers at the engine's address; the message says which, and the next step. */
export class EngineUnreachable extends Error {
  override readonly name = 'EngineUnreachable';
}

/** Another deployment of the application holds the lock. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/** It waited in line, and was taken out of it before its turn. */
export class LeftLine extends Error {
  override readonly name = 'LeftLine';
}

/** There is no deployment to speak with. */
export class NoDeployment extends Error {
  override readonly name = 'NoDeployment';
}

/** The engine did what it was asked and says no: the plan cannot be made, or the records cannot be read. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    message: string,
    /** A type of `domain/failures.ts`, where it is one. */
    readonly failure: string | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What kept an error's call from being answered, or null when it was answered. */
export function unreachedReason(error: unknown): string | null {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return UNREACHED[cause.code] ?? noWorker(cause.details);
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') return code;
    if (/failed to connect|connection closed|channel has been shut ?down/i.test(cause.message)) return 'no connection';
  }
  return null;
}

/** Queries are answered by workers; Temporal says so when none has asked for work lately. */
const noWorker = (details: string): string | null => (/no poller/i.test(details) ? 'no worker is there' : null);

/** Is it Temporal's word that the run was ended from outside before it did anything? Then it has no status. */
export const neverBegan = (error: unknown): boolean => /closed before WorkflowTaskStarted/i.test(innermost(error));

/** Is it Temporal's word that there is no such run? */
export const isNotFound = (error: unknown): boolean => error instanceof WorkflowNotFoundError;

/** The last cause's own words: Temporal wraps them in `Failed to query Workflow` and the like. */
export function innermost(error: unknown): string {
  let message = String(error);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return cause.details || cause.message;
    message = cause.message;
  }
  return message;
}

/** Did Temporal fail to serve a call (rather than our own code)? */
export const isServiceError = (error: unknown): boolean => error instanceof ServiceError || isGrpcServiceError(error);

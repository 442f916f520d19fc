/** Failures of Temporal read as facts of ours. */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../../domain/failures';

export interface FailureFacts {
  readonly type: FailureType | null;
  readonly message: string;
}

/** A halt that the workflow itself decides on. */
export const halt = (type: FailureType, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, type);

/** @throws `InvalidSpec` where there is a problem with what was asked for. */
export function refuse(problem: string | null): void {
  if (problem !== null) throw halt('InvalidSpec', `the request cannot be: ${problem}`);
}

export function describeFailure(error: unknown): FailureFacts {
  if (isCancellation(error)) return { type: 'Cancelled', message: 'the deployment was cancelled' };
  if (error instanceof ActivityFailure) {
    if (error.cause instanceof TimeoutFailure)
      return { type: null, message: `${error.activityType} did not end in time (${error.cause.timeoutType})` };
    return describeFailure(error.cause);
  }
  if (error instanceof ChildWorkflowFailure) return describeFailure(error.cause);
  if (error instanceof ApplicationFailure) return { type: known(error.type), message: error.message };
  if (error instanceof TemporalFailure) return { type: null, message: error.message };
  return { type: null, message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

const known = (type: string | null | undefined): FailureType | null =>
  type !== null && type !== undefined && type in FAILURES ? (type as FailureType) : null;

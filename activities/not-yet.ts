/** Waiting without holding a slot of the worker: an attempt looks once and ends, and the server asks again later. Histories do not grow by it. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

const GROWTH = 1.5;
/** Those that began to wait in one moment do not ask in one moment for ever. */
const JITTER = 0.3;

export interface Patience {
  /** Milliseconds before the second look, and at most before any. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/** The failure to throw while what is waited for is not so: repeated after a pause that grows with the attempts of this activity. */
export function notYet(message: string, patience: Patience): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'NotYet',
    message,
    nextRetryDelay: pauseMs(patience, Context.current().info.attempt),
    // Expected, and no news for the worker's log.
    category: ApplicationFailureCategory.BENIGN,
  });
}

function pauseMs({ firstMs, mostMs }: Patience, attempt: number): number {
  const grown = Math.min(mostMs, firstMs * GROWTH ** (attempt - 1));
  return Math.round(grown * (1 - JITTER * Math.random()));
}

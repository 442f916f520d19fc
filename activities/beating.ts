/** Quick activities heartbeat too: a worker that is killed within one is missed in seconds, not after the call's whole time limit. */
import { Context } from '@temporalio/activity';

const EVERY_MS = 1_000;

/** The same activities, each with a heartbeat every second while it runs. Not for those that heartbeat details of their own. */
export function beating<A extends object>(activities: A): A {
  const beaten = Object.entries(activities as Record<string, (request: never) => Promise<unknown>>).map(
    ([name, activity]) => [name, (request: never) => withHeartbeats(() => activity(request))] as const,
  );
  return Object.fromEntries(beaten) as A;
}

async function withHeartbeats<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

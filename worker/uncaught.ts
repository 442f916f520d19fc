/**
 * An error that nobody caught is that of the activity in whose course it came: that one fails, at once and with its words, and the worker
 * goes on for all others, also where that one has ended already. One that belongs to no activity ends the process, as ever.
 */
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { fail, wordsOf } from '../activities/failure';
import { note, traceOf } from '../system/note';

const running = new Map<Context, (failure: ApplicationFailure) => void>();

/** For `interceptors.activity` of every worker of this process. */
export const failByUncaught: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    execute: async (input, next) => {
      const broken = new Promise<never>((_, reject) => running.set(context, reject));
      try {
        return await Promise.race([next(input), broken]);
      } finally {
        running.delete(context);
      }
    },
  },
});

/** Once in a process. @param end is told what belongs to no activity; must not return to work */
export function catchUncaught(end: (error: unknown) => void): void {
  process.on('uncaughtException', (error: unknown) => {
    const context = asyncLocalStorage.getStore();
    if (context === undefined) return end(error);
    note(`mvca-worker: ${context.info.activityType}: ${traceOf(error)}`);
    running.get(context)?.(failureOf(error, context));
  });
}

/** Once more, in case that it was the moment; the second time it is the last. */
function failureOf(error: unknown, { info }: Context): ApplicationFailure {
  const { message } = fail('Uncaught', `${info.activityType} broke: ${wordsOf(error)}`);
  return ApplicationFailure.create({ type: 'Uncaught', message, nonRetryable: info.attempt >= 2 });
}

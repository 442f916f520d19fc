/**
 * What an activity answers or fails with is written into a history, which takes 2 MB at once. An answer beyond that would be thrown away
 * after all of the work, which is then done again and again: it fails for good instead, and says so.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { fail, shorten, wordsOf } from '../activities/failure';

/** The server's limit is 2 MiB with its own envelope. */
const LARGEST_BYTES = 1_900_000;

/** For `interceptors.activity` of every worker of this process. @throws `AnswerTooLarge` */
export const boundAnswers: ActivityInterceptorsFactory = ({ info: { activityType } }) => ({
  inbound: {
    execute: async (input, next) => {
      const answer = await next(input).catch((error: unknown) => {
        throw bounded(error);
      });
      const bytes = Buffer.byteLength(JSON.stringify(answer) ?? '');
      if (bytes <= LARGEST_BYTES) return answer;
      const what = `${activityType} answered ${bytes} bytes, and at most ${LARGEST_BYTES} can be kept in the history of a deployment`;
      throw fail('AnswerTooLarge', `${what}. Next: let the deployment.yaml, or what its commands say, be shorter`);
    },
  },
});

/** An error that nobody put into words may quote anything, of any length. Those of Temporal, and of ours, stay as they are. */
function bounded(error: unknown): unknown {
  const words = wordsOf(error);
  if (!(error instanceof Error) || shorten(words) === words) return error;
  return ApplicationFailure.create({ type: error.name, message: shorten(words) });
}

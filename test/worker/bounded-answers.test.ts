import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { failureOf } from '../support/in-activity';
import { boundAnswers } from '../../worker/bounded-answers';

const run = async (work: () => Promise<unknown>): Promise<unknown> => {
  const { context } = new MockActivityEnvironment({ activityType: 'runTests' });
  return boundAnswers(context).inbound?.execute?.({ args: [], headers: {} }, work);
};

test('An answer that no history takes fails its activity for good, and says how large it is', async () => {
  expect(await failureOf(run(async () => ({ message: 'ä'.repeat(1_000_000) })))).toEqual({
    type: 'AnswerTooLarge',
    message: expect.stringMatching(/^runTests answered 2000014 bytes.*Next: /),
    final: true,
  });
});

test('What fits is answered as it is', async () => {
  for (const answer of [undefined, null, 'done', { message: 'x'.repeat(1_000_000) }])
    expect(await run(async () => answer)).toBe(answer);
});

test('Words of an error that nobody bounded are bounded, and it is tried again as before', async () => {
  const failure = await failureOf(run(() => Promise.reject(new RangeError('x'.repeat(3_000_000)))));
  expect(failure).toMatchObject({ type: 'RangeError', final: false });
  expect(failure.message.length).toBeLessThan(4_100);
});

test('Any other error stays what it is', async () => {
  for (const error of [new TypeError('short'), ApplicationFailure.nonRetryable('final', 'NoSource')])
    await expect(run(() => Promise.reject(error))).rejects.toBe(error);
});

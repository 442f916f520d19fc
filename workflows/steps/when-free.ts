/** What needs a source that another deployment is building waits for it by timers of the server: no slot of a worker is held. */
import { sleep } from '@temporalio/workflow';
import { describeFailure } from '../support/failure';

/** Where several wait for one, or builds run on several machines, each comes again later and later. */
const APART_MS = 2_000;
const MOST_APART_MS = 60_000;

/** @param untilFree an activity that ends when the source is free where `work` runs */
export async function whenFree<T>(work: () => Promise<T>, untilFree: () => Promise<void>): Promise<T> {
  for (let times = 0; ; times += 1) {
    try {
      return await work();
    } catch (failure) {
      if (describeFailure(failure).type !== 'SourceBusy') throw failure;
    }
    if (times > 0) await sleep(Math.min(MOST_APART_MS, times * APART_MS), { summary: 'another was faster' });
    await untilFree();
  }
}

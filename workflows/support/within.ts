/** Work that has its time, and no more. */
import { CancellationScope, condition } from '@temporalio/workflow';

/** What the work answers; null when it did not within `ms` milliseconds: then it is cancelled, and not waited for. Throws what the work throws. */
export async function within<T>(ms: number, summary: string, work: () => Promise<T>): Promise<{ value: T } | null> {
  const scope = new CancellationScope();
  let isOver = false;
  const working = scope.run(work).finally(() => {
    isOver = true;
  });
  working.catch(() => undefined); // given up, nobody asks for it any more
  if (await condition(() => isOver, ms, { summary })) return { value: await working };
  scope.cancel();
  return null;
}

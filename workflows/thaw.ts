/** Tells parked deployments that freezes have changed, a few at a time: all at once they would stand in the way of everybody else. */
import { continueAsNew, sleep } from '@temporalio/workflow';
import { pauseMs, WAKING } from '../domain/freezes/freeze';
import type { ThawState } from './messages';
import { call } from './support/proxies';

/** Histories stay small. */
const BATCHES = 25;

export async function thaw({ app, after }: ThawState): Promise<void> {
  let last = after;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const asked = { app, after: last, most: WAKING.atOnce };
    const begun = Date.now();
    last = await call('wakeParked', 'tell the next of those that are parked')(asked);
    if (last === null) return;
    await sleep(pauseMs(Date.now() - begun));
  }
  await continueAsNew<typeof thaw>({ app, after: last });
}

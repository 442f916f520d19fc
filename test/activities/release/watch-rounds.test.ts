import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchRequest } from '../../../activities/contract';
import type { ReleaseDeps } from '../../../activities/release/deps';
import { createWatch } from '../../../activities/release/watch-rounds';
import { beginWatch } from '../../../activities/release/watch-state';
import { EMPTY } from '../../../domain/histogram';
import type { RouterState } from '../../../domain/host/router';
import { environmentSpec } from '../../support/specs';

jest.setTimeout(30_000);

const REQUEST = {
  app: 'shop',
  environment: environmentSpec(),
  release: 'new',
  oldRelease: null,
  addresses: [],
  holder: 'deploy/shop/1',
  mark: null,
  startedAt: Date.now(),
  forMs: 60_000,
  mode: 'watch',
} as unknown as WatchRequest;

const GOOD = {
  epoch: 'a',
  table: { weights: { new: 100 }, releases: {} },
  figures: {
    new: { statuses: { 200: 100 }, connectErrors: 0, resets: 0, timeouts: 0, slow: 0, latency: EMPTY },
  },
} as unknown as RouterState;

test('good answers from before the router could not be read any more are no pass', async () => {
  let isAway = false;
  const deps = {
    traffic: { read: () => (isAway ? Promise.reject(new Error('it does not answer')) : Promise.resolve(GOOD)) },
    platform: { status: () => Promise.resolve([]) },
    httpCheck: () => Promise.resolve({ passed: true, aborted: false, seen: '200' }),
  } as unknown as ReleaseDeps;
  const watch = createWatch(deps, REQUEST, beginWatch(null, REQUEST));
  await watch.look();
  expect(watch.conclude()).toEqual({ verdict: 'healthy', why: null });
  isAway = true;
  await watch.look();
  expect(watch.conclude().verdict).toBe('healthy');
  await sleep(5_100);
  await watch.look();
  expect(watch.conclude()).toMatchObject({
    verdict: 'inconclusive',
    why: { measure: 'the router', value: 'not read for 5 s' },
  });
  isAway = false;
  await watch.look();
  expect(watch.conclude().verdict).toBe('healthy');
  await watch.close();
});

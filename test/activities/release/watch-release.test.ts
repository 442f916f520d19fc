import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { WatchRequest } from '../../../activities/contract';
import type { ReleaseDeps } from '../../../activities/release/deps';
import { watchRelease } from '../../../activities/release/watch-release';
import type { RouterState } from '../../../domain/host/router';
import type { WatchResult } from '../../../domain/judge/figures';
import { environmentSpec } from '../../support/specs';

jest.setTimeout(180_000);

const QUIET = { epoch: 'a', table: { weights: { new: 100 }, releases: {} }, figures: {} } as unknown as RouterState;
const FOR_MS = 1_000;
const LATE_MS = 20_000;

/** Of a watch of a second that begins twenty seconds late, of a release that nobody uses and that takes so long for an answer. */
function lateWatch(answerMs: number): Promise<WatchResult> {
  const { watch, ...environment } = environmentSpec();
  const probes = [{ kind: 'get', path: '/', status: 200 }];
  const request = {
    app: 'shop',
    environment: { ...environment, watch: { ...watch, minimum: 4, responseMs: 60_000, probes } },
    release: 'new',
    oldRelease: null,
    addresses: [{ host: '127.0.0.1', port: 1 }],
    holder: 'deploy/shop/1',
    mark: null,
    startedAt: Date.now() - LATE_MS,
    forMs: FOR_MS,
    mode: 'watch',
  } as unknown as WatchRequest;
  const answer = async (_address: unknown, _expected: unknown, signal: AbortSignal) => {
    await sleep(answerMs, undefined, { signal }).catch(() => undefined);
    return { passed: true, aborted: signal.aborted, seen: '200' };
  };
  const deps = {
    traffic: { read: () => Promise.resolve(QUIET), lease: () => Promise.resolve(true) },
    platform: { status: () => Promise.resolve([]) },
    checkOf: () => answer,
  } as unknown as ReleaseDeps;
  return new MockActivityEnvironment().run(() => watchRelease(deps, request));
}

test.concurrent('a watch that begins when its time is over waits for the answers to its own requests', async () => {
  const result = await lateWatch(2_500);
  expect(result).toMatchObject({ verdict: 'healthy', own: 4 });
});

test.concurrent('it does not wait for ever: without answers there is no verdict', async () => {
  const begun = performance.now();
  const result = await lateWatch(3_600_000);
  expect(result).toMatchObject({ verdict: 'inconclusive', own: 0, why: { measure: 'answers', value: '0' } });
  expect(performance.now() - begun).toBeLessThan(30_000);
});

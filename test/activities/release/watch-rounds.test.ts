import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchRequest } from '../../../activities/contract';
import type { ReleaseDeps } from '../../../activities/release/deps';
import { createWatch, type Watch } from '../../../activities/release/watch-rounds';
import { beginWatch } from '../../../activities/release/watch-state';
import { EMPTY } from '../../../domain/histogram';
import type { RouterState } from '../../../domain/host/router';
import type { Reading } from '../../../domain/judge/outside';
import { environmentSpec } from '../../support/specs';

jest.setTimeout(360_000);

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
    checkOf: () => () => Promise.resolve({ passed: true, aborted: false, seen: '200' }),
  } as unknown as ReleaseDeps;
  const watch = createWatch(deps, REQUEST, beginWatch(REQUEST));
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

test('without a recent good reading of every metric from outside, a good release is not healthy, and no look waits for one', async () => {
  const metric = {
    name: 'orders',
    prometheus: 'http://p',
    query: 'x{r="$RELEASE"}',
    max: null,
    min: 1,
    everyMs: 20,
    token: null,
  };
  const asked: { query: string; answer: (reading: Reading) => void }[] = [];
  const deps = {
    traffic: { read: () => Promise.resolve(GOOD) },
    platform: { status: () => Promise.resolve([]) },
    checkOf: () => () => Promise.resolve({ passed: true, aborted: false, seen: '200' }),
    metrics: { read: ({ query }: { query: string }) => new Promise((answer) => asked.push({ query, answer })) },
  } as unknown as ReleaseDeps;
  const { watch: objectives, ...environment } = environmentSpec();
  const request = { ...REQUEST, environment: { ...environment, watch: { ...objectives, metrics: [metric] } } };
  const away: Reading = { kind: 'none', reason: 'away' };
  const reply = async (watch: Watch, reading: Reading) => {
    for (; asked.length === 0; await sleep(5)) await watch.look();
    asked.shift()?.answer(reading);
    await sleep(0);
    return watch.look();
  };
  const close = async (watch: Watch): Promise<void> => {
    for (const { answer } of asked.splice(0)) answer(away);
    await watch.close();
  };

  const watch = createWatch(deps, request, beginWatch(request));
  await watch.look();
  expect(asked[0]?.query).toBe('x{r="new"}');
  const unread = { measure: 'orders', value: 'unknown: not read yet', source: 'Prometheus at http://p' };
  expect(watch.conclude()).toMatchObject({ verdict: 'inconclusive', why: unread });
  expect(await reply(watch, { kind: 'figure', value: 5 })).toBeNull();
  expect(watch.conclude()).toEqual({ verdict: 'healthy', why: null });
  expect(await reply(watch, away)).toBeNull();
  await sleep(80);
  await watch.look();
  expect(watch.conclude()).toMatchObject({ verdict: 'inconclusive', why: { value: 'unknown: away' } });
  expect(await reply(watch, { kind: 'figure', value: 0 })).toBeNull();
  await close(watch);

  // Whoever takes over knows of the reading beyond the limit.
  const next = createWatch(deps, request, JSON.parse(JSON.stringify(watch.state())) as ReturnType<Watch['state']>);
  const why = await reply(next, { kind: 'figure', value: 0.5 });
  expect(why).toMatchObject({ value: '0.5', limit: 'at least 1', samples: 'two readings in a row: 0, 0.5' });
  await close(next);
});

/** What may be asked of the router, and what is refused in which words. */
import fc from 'fast-check';
import type { RouterState } from '../../../domain/host/router';
import { AdminRefusal } from '../../../system/admin';
import { sharesSince } from '../../../domain/judge/readings';
import { fetchFrom, serve, startRouted, type Routed } from './routed';

let routed: Routed;
const here = { host: '127.0.0.1', port: 1 };

beforeEach(async () => {
  routed = await startRouted();
  await serve(routed, { old: [here], new: [here] }, { old: 100 });
});
afterEach(() => routed.close());

async function refusalOf(asked: Promise<RouterState>): Promise<string> {
  const refused = await asked.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refused instanceof AdminRefusal)) throw new Error(`it was not refused but ${String(refused)}`);
  return `${refused.status} ${refused.message}`;
}

const setWeights = (weights: Record<string, unknown>, lease: unknown = null): Promise<RouterState> =>
  routed.ask('PUT', '/weights', { weights, lease });

test('every change is answered with the new state, and may be repeated', async () => {
  for (let i = 0; i < 2; i += 1) {
    expect((await setWeights({ old: 30, new: 70 })).table.weights).toMatchObject({ old: 30, new: 70 });
    expect((await routed.ask('PUT', '/settings', { slowMs: 7, drainMs: 8 })).table.settings).toEqual({
      slowMs: 7,
      drainMs: 8,
    });
    expect((await routed.ask('PUT', '/releases/b%2B1', { instances: [here, here] })).table.releases['b+1']).toEqual({
      instances: [here],
    });
    expect((await routed.ask('DELETE', '/releases/gone')).table.releases['gone']).toBeUndefined();
  }
});

test('requests are counted from the last change of the weights on, for the shares that people see', async () => {
  expect((await routed.ask('GET', '/state')).requestsBefore).toEqual({ old: 0, new: 0 });
  await fetchFrom(routed.port); // 502: nobody listens there, and it was routed all the same
  const changed = await setWeights({ old: 30, new: 70 });
  expect(changed.requestsBefore).toEqual({ old: 1, new: 0 });
  expect((await setWeights({ old: 30, new: 70 })).requestsBefore).toEqual({ old: 1, new: 0 });
  expect(sharesSince(changed, null)).toEqual({});
});

test('releases that are not named get nothing', async () => {
  expect((await setWeights({ new: 100 })).table.weights).toEqual({ old: 0, new: 100 });
  expect((await setWeights({})).table.weights).toEqual({ old: 0, new: 0 });
});

test('weights that make no sense are refused, and nothing changes', async () => {
  expect(await refusalOf(setWeights({ old: 50 }))).toMatch(/^400 the weights add up to 50 %/);
  expect(await refusalOf(setWeights({ old: 101 }))).toMatch(
    /^400 weights\.old is 101; expected a number from 0 to 100/,
  );
  expect(await refusalOf(setWeights({ old: '100' }))).toMatch(/^400 weights\.old is "100"/);
  expect(await refusalOf(setWeights({ other: 100 }))).toMatch(/^409 release other is unknown; known: old, new/);
  await routed.ask('PUT', '/releases/empty', { instances: [] });
  expect(await refusalOf(setWeights({ empty: 100 }))).toBe('409 release empty has no instance');
  expect(routed.router.state().table.weights).toMatchObject({ old: 100, new: 0 });
});

test('a release that serves cannot be forgotten or lose its last instance', async () => {
  expect(await refusalOf(routed.ask('DELETE', '/releases/old'))).toMatch(/^409 release old serves 100 %/);
  expect(await refusalOf(routed.ask('PUT', '/releases/old', { instances: [] }))).toMatch(/^409 release old/);
  expect((await routed.ask('DELETE', '/releases/new')).table.releases['new']).toBeUndefined();
});

test('a release that a lease would give the traffic back to cannot be forgotten', async () => {
  await setWeights({ new: 100 }, { holder: 'h', seconds: 60, fallback: { old: 100 } });
  expect(await refusalOf(routed.ask('DELETE', '/releases/old'))).toMatch(/^409 .* would get the traffic back .* of h /);
  await routed.ask('DELETE', '/lease?holder=h');
  await routed.ask('DELETE', '/releases/old');
});

test('only the holder renews a lease', async () => {
  await setWeights({ new: 100 }, { holder: 'h', seconds: 60, fallback: { old: 100 } });
  expect(await refusalOf(routed.ask('PUT', '/lease', { holder: 'i', seconds: 9 }))).toMatch(
    /^409 i holds no lease; h does/,
  );
  const { table, now } = await routed.ask('PUT', '/lease', { holder: 'h', seconds: 120 });
  expect((table.lease?.until ?? 0) - now).toBeGreaterThan(110_000);
});

test('proving twice is one proof; the weights stay', async () => {
  await setWeights({ new: 100 }, { holder: 'h', seconds: 60, fallback: { old: 100 } });
  for (let i = 0; i < 2; i += 1) {
    const { table } = await routed.ask('DELETE', '/lease?holder=h');
    expect(table).toMatchObject({ lease: null, weights: { new: 100, old: 0 }, expired: null });
  }
  expect(await refusalOf(routed.ask('PUT', '/lease', { holder: 'h', seconds: 9 }))).toMatch(/^409 h holds no lease/);
});

test('names that mean something to JavaScript mean nothing here', async () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    expect(await refusalOf(setWeights({ [name]: 100 }))).toMatch(/^409 .* is unknown/);
    await routed.ask('PUT', `/releases/${name}`, { instances: [here] });
    await setWeights({ [name]: 100 });
    await setWeights({ old: 100 });
    await routed.ask('DELETE', `/releases/${name}`);
  }
  expect(await refusalOf(routed.ask('PUT', '/releases/__proto__', { instances: [here] }))).toMatch(/^400 release/);
  expect(await refusalOf(setWeights(JSON.parse('{"__proto__":100}') as Record<string, unknown>))).toMatch(
    /^400 release/,
  );
});

test('an unknown request is told which ones are known', async () => {
  expect(await refusalOf(routed.ask('POST', '/weights'))).toMatch(/^404 POST \/weights is unknown; known: GET \/state/);
});

test('no wish, however odd, breaks the router or its table', async () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.record({ weights: fc.jsonValue(), lease: fc.jsonValue() }),
    fc.record({
      weights: fc.dictionary(fc.string(), fc.double()),
      lease: fc.record({ holder: fc.jsonValue(), seconds: fc.jsonValue(), fallback: fc.jsonValue() }),
    }),
    fc.record({ instances: fc.array(fc.record({ host: fc.string(), port: fc.jsonValue() })) }),
    fc.record({ slowMs: fc.jsonValue(), drainMs: fc.jsonValue() }),
  );
  const place = fc.constantFrom('/weights', '/lease', '/settings', '/releases/x', '/releases/%ff', '/lease?holder=');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('PUT', 'DELETE', 'GET'), place, anything, async (method, path, body) => {
      const refused = await routed.ask(method, path, body).then(
        () => null,
        (error: unknown) => error,
      );
      if (refused !== null) expect(refused).toBeInstanceOf(AdminRefusal);
      const weights = Object.values(routed.router.state().table.weights);
      expect([0, 100]).toContain(Math.round(weights.reduce((sum, weight) => sum + weight, 0)));
    }),
    { numRuns: 300 },
  );
  expect([502, 503]).toContain((await fetchFrom(routed.port)).status);
});

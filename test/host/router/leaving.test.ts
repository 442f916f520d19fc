/** Instances that are taken out of a release that goes on. */
import type { ServerResponse } from 'node:http';
import { startParallelClients } from '../../support/clients';
import { fetchFrom, poll, rawClient, serve, startRouted, type Backend, type Routed } from './routed';

let routed: Routed;
beforeEach(async () => (routed = await startRouted()));
afterEach(() => routed.close());

const named = (name: string): Promise<Backend> =>
  routed.backend((_, response) => response.setHeader('x-app-version', name).end(name));

const leaving = () => routed.router.state().leaving?.['a'];
const keepOnly = (...backends: readonly Backend[]) =>
  routed.ask('PUT', '/releases/a', { instances: backends.map(({ address }) => address) });

test('get no more requests, are told of while they have any in flight, and end these in peace', async () => {
  const answers: ServerResponse[] = [];
  const slow = await routed.backend((_, response) => void answers.push(response));
  const quick = await named('quick');
  await serve(routed, { a: [slow.address] }, { a: 100 });
  const got = [fetchFrom(routed.port), fetchFrom(routed.port)];
  await poll('both are in flight', () => answers.length === 2);
  await keepOnly(quick, slow);
  expect(leaving()).toEqual([]);
  await keepOnly(quick);
  expect(leaving()).toEqual([{ ...slow.address, inFlight: 2 }]);
  for (let i = 0; i < 10; i += 1) expect((await fetchFrom(routed.port)).body).toBe('quick');
  answers[0]?.end('at last');
  await poll('one is left', () => leaving()?.[0]?.inFlight === 1);
  answers[1]?.end('at last');
  expect((await Promise.all(got)).map(({ body }) => body)).toEqual(['at last', 'at last']);
  await poll('none is left', () => leaving()?.length === 0);
});

test('have their streams closed in good order when the drain limit is reached; those of the others stay', async () => {
  const streaming = () =>
    routed.backend((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    });
  const [first, second] = [await streaming(), await streaming()];
  await routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs: 300 });
  await serve(routed, { a: [first.address, second.address] }, { a: 100 });
  const clients: Awaited<ReturnType<typeof rawClient>>[] = [];
  for (let i = 0; i < 2; i += 1) {
    clients.push(await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n'));
    await poll('the stream is open', () => clients.at(-1)?.text().includes('event-stream'));
  }
  await keepOnly(second);
  expect(leaving()).toEqual([{ ...first.address, inFlight: 1 }]);
  await poll('its stream has ended', () => leaving()?.length === 0);
  expect(await Promise.race(clients.map(({ ended }) => ended))).toMatch(/0\r\n\r\n$/);
  expect(routed.figures()).toMatchObject({ inFlight: 1, streams: 1, resets: 0, clientAborts: 0 });
  for (const { socket } of clients) socket.destroy();
});

test('can come back, while requests go on without a failure', async () => {
  const [first, second] = [await named('first'), await named('second')];
  await serve(routed, { a: [first.address, second.address] }, { a: 100 });
  const clients = startParallelClients({ url: `http://127.0.0.1:${routed.port}`, path: '/', clients: 20 });
  for (let i = 0; i < 10; i += 1) {
    const before = clients.snapshot().ok;
    await keepOnly(i % 2 === 0 ? first : second);
    await poll('answers come', () => clients.snapshot().ok > before + 50);
    await keepOnly(first, second);
  }
  expect((await clients.stop()).failed).toEqual({});
  await poll('nothing is left', () => leaving()?.length === 0);
});

test('are never the last of a release that a lease would give the traffic back to', async () => {
  const [old, fresh] = [await named('old'), await named('fresh')];
  await serve(routed, { old: [old.address], fresh: [fresh.address] }, { old: 100 });
  const lease = { holder: 'h', seconds: 60, fallback: { old: 100 } };
  await routed.ask('PUT', '/weights', { weights: { fresh: 100 }, lease });
  await expect(routed.ask('PUT', '/releases/old', { instances: [] })).rejects.toThrow(/cannot lose its last instance/);
  await routed.ask('PUT', '/weights', { weights: { fresh: 100 }, lease: null });
  await routed.ask('PUT', '/releases/old', { instances: [] });
  await expect(routed.ask('PUT', '/weights', { weights: { fresh: 100 }, lease })).rejects.toThrow(/has no instance/);
  expect((await fetchFrom(routed.port)).body).toBe('fresh');
});

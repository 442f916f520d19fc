/** Weights under traffic: who gets what, from which request on, and what becomes of that which is in flight. */
import http, { type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { startEchoClient, startEventReader, startParallelClients, upload } from '../../support/clients';
import { startCrowd } from './raw-crowd';
import { fetchFrom, poll, rawClient, readAll, serve, startRouted, type Backend, type Routed } from './routed';

let routed: Routed;
beforeEach(async () => (routed = await startRouted()));
afterEach(() => routed.close());

const named = (name: string): Promise<Backend> =>
  routed.backend((_, response) => response.setHeader('x-app-version', name).end(name));

async function countOf(requests: number): Promise<Record<string, number>> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i += 1) {
    const { body } = await fetchFrom(routed.port, { agent });
    counts[body] = (counts[body] ?? 0) + 1;
  }
  agent.destroy();
  return counts;
}

test('a hundred requests are shared out exactly', async () => {
  await serve(
    routed,
    { old: [(await named('old')).address], new: [(await named('new')).address] },
    { old: 90, new: 10 },
  );
  expect(await countOf(100)).toEqual({ old: 90, new: 10 });
  await routed.ask('PUT', '/weights', { weights: { old: 1, new: 99 }, lease: null });
  expect(await countOf(100)).toEqual({ old: 1, new: 99 });
});

test('from the very next request on all traffic follows the table', async () => {
  await serve(routed, { old: [(await named('old')).address], new: [(await named('new')).address] }, { old: 100 });
  for (let i = 0; i < 20; i += 1) {
    const next = i % 2 === 0 ? 'new' : 'old';
    await routed.ask('PUT', '/weights', { weights: { [next]: 100 }, lease: null });
    expect((await fetchFrom(routed.port)).body).toBe(next);
  }
});

test('a thousand parallel clients see no failure while the traffic moves to and fro', async () => {
  await serve(routed, { old: [(await named('old')).address], new: [(await named('new')).address] }, { old: 100 });
  const crowd = startCrowd(routed.port, 1_000);
  for (let i = 0; i < 20; i += 1) {
    const before = crowd.snapshot().answered;
    await poll('answers come', () => crowd.snapshot().answered > before + 200, 60_000);
    await routed.ask('PUT', '/weights', { weights: { [i % 2 === 0 ? 'new' : 'old']: 100 }, lease: null });
  }
  const counts = await crowd.stop();
  expect(counts.failed).toEqual({});
  expect(Object.keys(counts.byBody).sort()).toEqual(['new', 'old']);
  const figures = routed.router.state().figures;
  expect((figures['old']?.requests ?? 0) + (figures['new']?.requests ?? 0)).toBe(counts.answered);
}, 240_000);

test('uploads, event streams and WebSockets that are under way go on over a switch', async () => {
  const releases: Record<string, [Backend['address']]> = {};
  let events = 0;
  for (const name of ['old', 'new']) {
    const backend = await routed.backend(async (request, response) => {
      if (request.method === 'POST') return void response.end(String((await readAll(request)).length));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(`id: ${(events += 1)}\n\n`), 10);
      response.on('close', () => clearInterval(timer));
    });
    new WebSocketServer({ server: backend.server }).on('connection', (socket) =>
      socket.on('message', (data: Buffer) => socket.send(data.toString())),
    );
    releases[name] = [backend.address];
  }
  await serve(routed, releases, { old: 100 });
  const url = `http://127.0.0.1:${routed.port}`;
  const uploading = upload({ url, bytes: 4_000_000, bytesPerSecond: 4_000_000 });
  const reader = startEventReader(url);
  const echo = startEchoClient({ url: url.replace('http', 'ws'), everyMs: 10 });
  await poll('all are under way', () => reader.snapshot().events > 5 && echo.snapshot().echoed > 5);
  await routed.ask('PUT', '/weights', { weights: { new: 100 }, lease: null });
  expect((await uploading).answer).toBe('4000000');
  await poll('the streams went on', () => reader.snapshot().events > 20 && echo.snapshot().echoed > 20);
  expect(await reader.stop()).toMatchObject({ gaps: 0, reconnects: 0, broken: [] });
  expect(await echo.stop()).toMatchObject({ wrong: 0, resent: 0, closes: {} });
  await poll('nothing is in flight', () => routed.figures('old').inFlight === 0);
});

describe('streams of a release without weight', () => {
  let responses: ServerResponse[];
  beforeEach(async () => {
    responses = [];
    const streaming = await routed.backend((_, response) => {
      responses.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.flushHeaders();
    });
    await serve(routed, { old: [streaming.address], new: [(await named('new')).address] }, { old: 100 });
  });
  const openStream = async () => {
    const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
    await poll('the stream is open', () => client.text().includes('event-stream'));
    return client;
  };
  const drainAfter = (drainMs: number) => routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs });
  const give = (release: string) => routed.ask('PUT', '/weights', { weights: { [release]: 100 }, lease: null });

  test('may go on, and are closed in good order when the drain limit is reached', async () => {
    await drainAfter(300);
    const client = await openStream();
    await give('new');
    responses[0]?.write('id: 1\n\n');
    await poll('events still come', () => client.text().includes('id: 1'));
    expect(await client.ended).toMatch(/0\r\n\r\n$/);
    expect(routed.figures('old')).toMatchObject({ inFlight: 0, streams: 0, resets: 0, clientAborts: 0 });
  });

  test('stay when the release gets weight again before', async () => {
    await drainAfter(200);
    const client = await openStream();
    await give('new');
    await give('old');
    await sleep(500);
    expect(routed.figures('old').streams).toBe(1);
    client.socket.destroy();
  });

  test('are closed when the release is forgotten', async () => {
    const client = await openStream();
    await give('new');
    await routed.ask('DELETE', '/releases/old');
    await client.ended;
    expect(routed.router.state().figures['old']).toBeUndefined();
  });
});

test('an ordinary request of a release without weight may finish after the drain limit', async () => {
  let answer: (() => void) | undefined;
  const slow = await routed.backend((_, response) => (answer = () => response.end('at last')));
  await serve(routed, { old: [slow.address], new: [(await named('new')).address] }, { old: 100 });
  await routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs: 50 });
  const got = fetchFrom(routed.port);
  await poll('it is in flight', () => answer !== undefined);
  await routed.ask('PUT', '/weights', { weights: { new: 100 }, lease: null });
  await sleep(200);
  answer?.();
  expect((await got).body).toBe('at last');
});

test('a request in flight to a forgotten release is answered, not left hanging', async () => {
  const never = await routed.backend(() => undefined);
  await serve(routed, { old: [never.address], new: [(await named('new')).address] }, { old: 100 });
  const got = fetchFrom(routed.port);
  await poll('it is in flight', () => routed.figures('old').inFlight === 1);
  await routed.ask('PUT', '/weights', { weights: { new: 100 }, lease: null });
  await routed.ask('DELETE', '/releases/old');
  expect((await got).status).toBe(503);
});

test('instances can be exchanged under traffic without a failure', async () => {
  const first = await named('first');
  await serve(routed, { a: [first.address] }, { a: 100 });
  const clients = startParallelClients({ url: `http://127.0.0.1:${routed.port}`, path: '/', clients: 20 });
  await poll('answers come', () => clients.snapshot().ok > 200);
  const second = await named('second');
  await routed.ask('PUT', '/releases/a', { instances: [second.address] });
  const before = clients.snapshot().byVersion['second'] ?? 0;
  await poll('the second answers', () => (clients.snapshot().byVersion['second'] ?? 0) > before + 100);
  expect((await clients.stop()).failed).toEqual({});
});

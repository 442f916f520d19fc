/** Instances and clients that break off, stall, or are not there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/ports';
import {
  addressOf,
  closeServer,
  fetchFrom,
  poll,
  rawClient,
  rawExchange,
  readAll,
  serve,
  startRouted,
  startWith,
  type Routed,
} from './routed';

let routed: Routed | undefined;
afterEach(async () => {
  await routed?.close();
  routed = undefined;
});

/** Answers with bytes, once for each request head that comes. */
async function startBytes(answer: (socket: Socket, request: number) => void): Promise<net.Server> {
  let requests = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const _ of data.toString().matchAll(/ HTTP\/1\.1\r\n/g)) answer(socket, (requests += 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('nobody serves: 503 with words and a time to come back', async () => {
  routed = await startRouted();
  const got = await fetchFrom(routed.port);
  expect(got.status).toBe(503);
  expect(got.headers['retry-after']).toBe('1');
  expect(got.body).toMatch(/not served/);
});

test('no instance can be reached: 502, counted as a connect error and not as an answer', async () => {
  routed = await startRouted();
  await serve(routed, { a: [{ host: '127.0.0.1', port: await freePort() }] }, { a: 100 });
  const got = await fetchFrom(routed.port, { method: 'POST', body: 'x' });
  expect(got.status).toBe(502);
  expect(got.headers['retry-after']).toBe('1');
  expect(routed.figures()).toMatchObject({ requests: 1, connectErrors: 1, statuses: {}, clientsWithErrors: 1 });
});

test('an instance that accepts nothing for some seconds, its queue being full, gets every request later', async () => {
  const script = `
    const server = require('node:http').createServer((request, response) => response.end('late'));
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise<number>((resolve) => child.stdout.once('data', (data) => resolve(Number(data))));
    routed = await startRouted();
    await serve(routed, { a: [{ host: '127.0.0.1', port }] }, { a: 100 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => fetchFrom(routed?.port ?? 0)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['200 late']));
  } finally {
    child.kill('SIGKILL');
  }
});

test('an unreachable instance costs no request, also not one with a body, and is left out', async () => {
  routed = await startRouted({ leftOutMs: 60_000 });
  const { address } = await routed.backend(async (request, response) =>
    response.end(`got ${(await readAll(request)).toString()}`),
  );
  await serve(routed, { a: [{ host: '127.0.0.1', port: await freePort() }, address] }, { a: 100 });
  for (let i = 0; i < 10; i += 1)
    expect(await fetchFrom(routed.port, { method: 'POST', body: `body ${i}` })).toMatchObject({
      body: `got body ${i}`,
    });
  expect(routed.figures()).toMatchObject({ requests: 10, connectErrors: 0, statuses: { 200: 10 } });
});

test('an instance that was left out comes back', async () => {
  routed = await startRouted({ leftOutMs: 50 });
  const port = await freePort();
  await serve(routed, { a: [{ host: '127.0.0.1', port }] }, { a: 100 });
  expect((await fetchFrom(routed.port)).status).toBe(502);
  const late = http.createServer((_, response) => response.end('back'));
  await new Promise<void>((resolve) => late.listen(port, '127.0.0.1', resolve));
  expect((await fetchFrom(routed.port)).body).toBe('back');
  await closeServer(late);
});

test('instances take turns', async () => {
  routed = await startRouted();
  const instances = [];
  for (const name of ['0', '1', '2'])
    instances.push((await routed.backend((_, response) => response.end(name))).address);
  await serve(routed, { a: instances }, { a: 100 });
  const counts: Record<string, number> = {};
  for (let i = 0; i < 30; i += 1) {
    const { body } = await fetchFrom(routed.port);
    counts[body] = (counts[body] ?? 0) + 1;
  }
  expect(counts).toEqual({ 0: 10, 1: 10, 2: 10 });
});

test('a reset of a kept connection costs a GET nothing', async () => {
  const server = await startBytes((socket, request) => (request === 2 ? socket.resetAndDestroy() : socket.write(OK)));
  routed = await startRouted();
  await serve(routed, { a: [addressOf(server)] }, { a: 100 });
  for (let i = 0; i < 3; i += 1) expect(await fetchFrom(routed.port)).toMatchObject({ status: 200, body: 'ok' });
  expect(routed.figures()).toMatchObject({ requests: 3, resets: 0, statuses: { 200: 3 } });
  await closeServer(server);
});

test('a POST is never sent twice', async () => {
  let posts = 0;
  const server = await startBytes((socket, request) => {
    if (request > 1) posts += 1;
    if (request === 2) socket.resetAndDestroy();
    else socket.write(OK);
  });
  routed = await startRouted();
  await serve(routed, { a: [addressOf(server)] }, { a: 100 });
  await fetchFrom(routed.port);
  expect((await fetchFrom(routed.port, { method: 'POST', body: 'x' })).status).toBe(502);
  expect(posts).toBe(1);
  expect(routed.figures()).toMatchObject({ resets: 1 });
  await closeServer(server);
});

test('a reset of a fresh connection is told, not tried again', async () => {
  let requests = 0;
  const server = await startBytes((socket, request) => {
    requests = request;
    socket.resetAndDestroy();
  });
  routed = await startRouted();
  await serve(routed, { a: [addressOf(server)] }, { a: 100 });
  expect((await fetchFrom(routed.port)).status).toBe(502);
  expect(requests).toBe(1);
  await closeServer(server);
});

test.each([
  ['fewer bytes than promised', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
  ['a chunked body without its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('an answer that breaks off is not passed on as whole: %s', async (_, bytes) => {
  const server = await startBytes((socket) => socket.end(bytes));
  routed = await startRouted();
  await serve(routed, { a: [addressOf(server)] }, { a: 100 });
  await expect(fetchFrom(routed.port)).rejects.toThrow();
  await poll('it is counted', () => routed?.figures().resets === 1);
  expect(routed.figures()).toMatchObject({ inFlight: 0, statuses: {} });
  await closeServer(server);
});

test.each([
  ['no HTTP', 'what?\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  [
    'a switch of protocols that nobody asked for',
    'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
  ],
  ['endless headers', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(200_000)}\r\n\r\n`],
])('an instance that answers %s gives 502', async (_, bytes) => {
  const server = await startBytes((socket) => socket.write(bytes));
  routed = await startRouted();
  await serve(routed, { a: [addressOf(server)] }, { a: 100 });
  expect((await fetchFrom(routed.port)).status).toBe(502);
  expect(routed.figures()).toMatchObject({ resets: 1, inFlight: 0 });
  await closeServer(server);
});

test('bytes after an answer are never taken for the next one', async () => {
  const server = await startBytes((socket) => socket.write(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`));
  routed = await startRouted();
  await serve(routed, { a: [addressOf(server)] }, { a: 100 });
  for (let i = 0; i < 5; i += 1) expect((await fetchFrom(routed.port)).body).not.toBe('evil');
  await closeServer(server);
});

test('no answer in time: 504, and the instance sees the end of the request', async () => {
  let gone = false;
  routed = await startWith((request) => request.socket.on('close', () => (gone = true)), { answerMs: 100 });
  expect((await fetchFrom(routed.port)).status).toBe(504);
  expect(routed.figures()).toMatchObject({ timeouts: 1, inFlight: 0, clientsWithErrors: 1 });
  await poll('the instance saw it', () => gone);
});

test('an answer that stops in the middle is cut off', async () => {
  routed = await startWith((_, response) => void response.write('half'), { pauseMs: 100 });
  await expect(fetchFrom(routed.port)).rejects.toThrow();
  expect(routed.figures()).toMatchObject({ timeouts: 1, inFlight: 0 });
});

test('an event stream may be silent for as long as it likes', async () => {
  const listener = (_: IncomingMessage, response: ServerResponse): void =>
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  routed = await startWith(listener, { pauseMs: 50, answerMs: 50 });
  const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await sleep(400);
  expect(routed.figures()).toMatchObject({ streams: 1, timeouts: 0 });
  client.socket.destroy();
});

test('a slow answer is counted as soon as it is late, once', async () => {
  let answer: (() => void) | undefined;
  routed = await startWith((_, response) => (answer = () => response.end('late')));
  await routed.ask('PUT', '/settings', { slowMs: 50, drainMs: 1_000 });
  const got = fetchFrom(routed.port);
  await poll('it is counted', () => routed?.figures().slow === 1);
  answer?.();
  expect((await got).body).toBe('late');
  expect(routed.figures()).toMatchObject({ slow: 1, statuses: { 200: 1 } });
});

test('an answer that does not begin is overdue, and whoever leaves then has had none', async () => {
  let answer: (() => void) | undefined;
  routed = await startWith((request, response) => {
    if (request.url === '/late') answer = () => response.end('late');
  });
  await routed.ask('PUT', '/settings', { slowMs: 50, drainMs: 1_000 });
  const late = fetchFrom(routed.port, { path: '/late' });
  const client = await rawClient(routed.port, 'GET /never HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('both are overdue', () => routed?.figures().overdue === 2);
  client.socket.destroy();
  await poll('it is seen', () => routed?.figures().gaveUp === 1);
  answer?.();
  expect((await late).body).toBe('late');
  expect(routed.figures()).toMatchObject({
    overdue: 0,
    gaveUp: 1,
    clientAborts: 0,
    clientsWithErrors: 1,
    statuses: { 200: 1 },
    routes: { '/never': { answers: 1, errors: 1 }, '/late': { answers: 1, errors: 0 } },
  });
});

test('a request that the client is still sending is not overdue, however long it takes', async () => {
  routed = await startWith((request) => void request.resume());
  await routed.ask('PUT', '/settings', { slowMs: 50, drainMs: 1_000 });
  const client = await rawClient(routed.port, 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\n\r\npart');
  await poll('it is slow', () => routed?.figures().slow === 1);
  await sleep(100);
  client.socket.destroy();
  await poll('it is seen', () => routed?.figures().clientAborts === 1);
  expect(routed.figures()).toMatchObject({ overdue: 0, gaveUp: 0, clientsWithErrors: 0 });
});

test.each(['GET', 'POST'])('a client that goes away ends its %s at the instance', async (method) => {
  let gone = false;
  routed = await startWith((request) => {
    request.on('error', () => undefined).resume();
    request.socket.on('close', () => (gone = true));
  });
  const client = await rawClient(routed.port, `${method} / HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\n\r\npart`);
  await poll('it is in flight', () => routed?.figures().inFlight === 1);
  await sleep(50);
  client.socket.destroy();
  await poll('the instance saw it', () => gone);
  expect(routed.figures()).toMatchObject({ clientAborts: 1, resets: 0, inFlight: 0, clientsWithErrors: 0 });
});

test.each(['with its request', 'after it had ended its side'])(
  'a client whose reset comes %s ends it at the instance, and is not waited for',
  async (when) => {
    let gone = false;
    routed = await startWith((request) => void request.socket.on('close', () => (gone = true)));
    const socket = net.connect({ port: routed.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    if (when === 'with its request') socket.resetAndDestroy();
    else {
      socket.end();
      await poll('it is in flight', () => routed?.figures().inFlight === 1);
      await sleep(50);
      expect(routed.figures()).toMatchObject({ inFlight: 1, clientAborts: 0 });
      socket.resetAndDestroy();
    }
    await poll('it is counted', () => routed?.figures().clientAborts === 1);
    expect(routed.figures()).toMatchObject({ inFlight: 0, resets: 0 });
    if (when !== 'with its request') await poll('the instance saw it', () => gone);
  },
);

test('a client that goes away in the middle of an answer ends it at the instance', async () => {
  let gone = false;
  const listener = (_: IncomingMessage, response: ServerResponse): void => {
    response.write('part');
    response.on('close', () => (gone = true));
  };
  routed = await startWith(listener, { halfOpenMs: 100 });
  const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('a part came', () => client.text().includes('part'));
  client.socket.destroy();
  await poll('the instance saw it', () => gone);
  expect(routed.figures()).toMatchObject({ clientAborts: 1, inFlight: 0 });
});

test('headers that do not arrive in time are answered with 408', async () => {
  routed = await startWith((_, response) => response.end('ok'), { headersMs: 200 });
  const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: ');
  expect(await client.ended).toMatch(/^HTTP\/1\.1 408 /);
});

test('a body that stops arriving is answered with 408', async () => {
  routed = await startWith(
    async (request, response) => {
      await readAll(request).catch(() => undefined);
      response.end('ok');
    },
    { stallMs: 150 },
  );
  const client = await rawClient(routed.port, 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\n\r\npart');
  expect(await client.ended).toMatch(/^HTTP\/1\.1 408 /);
  expect(routed.figures()).toMatchObject({ clientAborts: 1, timeouts: 0, inFlight: 0 });
});

test('a client that does not read its answer is given up', async () => {
  routed = await startWith((_, response) => void response.end(Buffer.alloc(32 * 1024 * 1024)), { stallMs: 200 });
  const client = await rawClient(routed.port);
  client.socket.pause();
  client.socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('it was given up', () => routed?.figures().clientAborts === 1);
  client.socket.destroy();
});

test('headers that are too large are answered with 431', async () => {
  routed = await startWith((_, response) => response.end('ok'));
  const text = await rawExchange(routed.port, `GET / HTTP/1.1\r\nHost: shop\r\nX-Big: ${'x'.repeat(70_000)}\r\n\r\n`);
  expect(text).toMatch(/^HTTP\/1\.1 431 /);
  const many = Array.from({ length: 1_500 }, (_, i) => `X${i}: 1`).join('\r\n');
  expect(await rawExchange(routed.port, `GET / HTTP/1.1\r\nHost: shop\r\n${many}\r\n\r\n`, 'HTTP')).toMatch(/ 200 /);
});

/** Bodies in both directions, as they come: nothing is collected, nothing is lost. */
import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { upload } from '../../support/clients';
import { fetchFrom, poll, rawClient, rawExchange, readAll, serve, startRouted, type Routed } from './routed';

const MB = 1024 * 1024;

let routed: Routed;
let listener: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

beforeAll(async () => {
  routed = await startRouted({ halfOpenMs: 100 });
  const answer = (request: IncomingMessage, response: ServerResponse): void => void listener(request, response);
  const { server, address } = await routed.backend(answer);
  server.on('checkContinue', answer);
  await serve(routed, { a: [address] }, { a: 100 });
});
afterAll(() => routed.close());

test('a large upload arrives unchanged while memory stays bounded', async () => {
  listener = async (request, response) => {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk as Buffer);
    response.end(hash.digest('hex'));
  };
  const before = process.memoryUsage().rss;
  const result = await upload({ url: `http://127.0.0.1:${routed.port}/`, bytes: 100 * MB });
  expect(result.status).toBe(200);
  expect(result.answer).toBe(result.sha256);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB);
});

test('a large download waits for a slow reader instead of filling memory', async () => {
  let written = 0;
  const block = randomBytes(MB);
  listener = (_, response) => {
    const write = (): void => {
      while (written < 64 * MB) {
        written += MB;
        if (!response.write(block)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  };
  const client = await rawClient(routed.port);
  client.socket.pause();
  client.socket.write('GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
  await poll('the instance began', () => written > 0);
  await sleep(300);
  expect(written).toBeLessThan(40 * MB);
  client.socket.resume();
  const text = await client.ended;
  expect(written).toBe(64 * MB);
  expect(text.length).toBeGreaterThan(64 * MB);
});

test('every part of an answer arrives when it is written, not when it is complete', async () => {
  let more: (() => void) | undefined;
  listener = (_, response) => {
    response.write('first');
    more = () => response.end('last');
  };
  const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('the first part came', () => client.text().includes('first'));
  expect(client.text()).not.toContain('last');
  more?.();
  await poll('the last part came', () => client.text().includes('last'));
  client.socket.destroy();
});

test('the head of an answer arrives before any of its body', async () => {
  listener = (_, response) => void response.writeHead(200, { 'X-Early': '1', 'Content-Length': '5' }).flushHeaders();
  const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('the head came', () => client.text().includes('X-Early: 1'));
  client.socket.destroy();
});

test('an upload can be answered while it goes on', async () => {
  listener = (request, response) => {
    response.writeHead(200);
    request.pipe(response);
  };
  const client = await rawClient(routed.port, 'POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (const word of ['one', 'two', 'three']) {
    client.socket.write(`${word.length.toString(16)}\r\n${word}\r\n`);
    await poll(`${word} came back`, () => client.text().includes(word));
  }
  client.socket.write('0\r\n\r\n');
  await poll('it ended', () => client.text().endsWith('0\r\n\r\n'));
  client.socket.destroy();
});

test('an early final answer reaches the client, and the connection carries the next request', async () => {
  listener = (request, response) => {
    if (request.method === 'GET') return void response.end('next');
    response.writeHead(413).end('too large');
  };
  const client = await rawClient(routed.port, `POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: ${4 * MB}\r\n\r\n`);
  client.socket.write(Buffer.alloc(4 * MB));
  client.socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('both were answered', () => client.text().includes('too large') && client.text().includes('next'));
  client.socket.destroy();
});

test('event streams are passed on at once and counted as streams', async () => {
  let response: ServerResponse | undefined;
  listener = (_, given) => {
    response = given.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
  };
  const client = await rawClient(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('the head came', () => client.text().includes('event-stream'));
  await poll('it is the only one', () => routed.figures().inFlight === 1);
  expect(routed.figures()).toMatchObject({ streams: 1 });
  for (let id = 1; id <= 5; id += 1) {
    response?.write(`id: ${id}\n\n`);
    await poll(`event ${id} came`, () => client.text().includes(`id: ${id}`));
  }
  response?.end();
  await poll('it ended', () => routed.figures().streams === 0 && routed.figures().inFlight === 0);
  client.socket.destroy();
});

test('trailers after an answer reach the client', async () => {
  listener = (_, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('body');
    response.addTrailers({ 'X-Sum': '42', Host: 'elsewhere' });
    response.end();
  };
  const got = await fetchFrom(routed.port, { headers: { te: 'trailers' } });
  expect(got).toMatchObject({ body: 'body', trailers: { 'x-sum': '42' } });
  expect(got.headers.trailer).toBe('X-Sum');
  expect(got.trailers['host']).toBeUndefined();
});

test('trailers after a request reach the instance', async () => {
  let trailers: NodeJS.Dict<string> = {};
  listener = async (request, response) => {
    await readAll(request);
    trailers = request.trailers;
    response.end('done');
  };
  const lines = ['POST / HTTP/1.1', 'Host: shop', 'Transfer-Encoding: chunked', 'Trailer: X-Sum'];
  await rawExchange(routed.port, `${lines.join('\r\n')}\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n`, 'done');
  expect(trailers).toEqual({ 'x-sum': '42' });
});

test('a Trailer header on an answer that cannot have any does no harm', async () => {
  listener = (_, response) => {
    // The server itself would refuse to say this.
    response.socket?.end('HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  };
  expect(await fetchFrom(routed.port)).toMatchObject({ status: 200, body: 'ok' });
});

test('the instance decides whether a body is to be sent: it may ask for it', async () => {
  listener = async (request, response) => {
    expect(request.headers.expect).toBe('100-continue');
    response.writeContinue();
    response.end(`got ${(await readAll(request)).length}`);
  };
  const client = await rawClient(
    routed.port,
    'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
  );
  await poll('it may go on', () => client.text().startsWith('HTTP/1.1 100 Continue'));
  client.socket.write('hello');
  await poll('it was answered', () => client.text().includes('got 5'));
  client.socket.destroy();
});

test('the instance decides whether a body is to be sent: it may decline', async () => {
  listener = (_, response) => void response.writeHead(417).end('not that');
  const client = await rawClient(
    routed.port,
    'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
  );
  const text = await client.ended;
  expect(text).toMatch(/^HTTP\/1\.1 417 /);
  expect(text).toMatch(/connection: close/i);
});

test('HEAD has the headers of GET and no body, on a connection that goes on', async () => {
  listener = (request, response) => {
    response.setHeader('Content-Length', '5');
    response.end(request.method === 'HEAD' ? undefined : 'hello');
  };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 3; i += 1) {
    const head = await fetchFrom(routed.port, { method: 'HEAD', agent });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('5');
    expect(await fetchFrom(routed.port, { agent })).toMatchObject({ body: 'hello' });
  }
  agent.destroy();
});

test('early hints reach the client', async () => {
  listener = (_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('ok');
  };
  const text = await rawExchange(routed.port, 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n', '\r\nok');
  expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload/i);
  expect(text).toContain('HTTP/1.1 200 OK');
});

test.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s can have a body', async (method) => {
  listener = async (request, response) => void response.end(`${request.method} ${(await readAll(request)).toString()}`);
  const got = await fetchFrom(routed.port, { method, body: 'some', headers: { 'content-length': 4 } });
  expect(got.body).toBe(`${method} some`);
});

test('an answer of an HTTP/1.0 instance, ended by its close, arrives whole', async () => {
  listener = (_, response) => void response.socket?.end('HTTP/1.0 200 OK\r\n\r\nall of it');
  expect(await fetchFrom(routed.port)).toMatchObject({ status: 200, body: 'all of it' });
});

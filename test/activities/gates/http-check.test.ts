import http, { type RequestListener } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createCheckOf, type HttpExpectation } from '../../../activities/gates/http-check';
import type { Address } from '../../../domain/words';
import { toThisProcess } from '../../support/this-process';

const closing: (() => void)[] = [];
afterAll(() => closing.forEach((close) => close()));

async function serve(server: net.Server): Promise<Address> {
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
const answering = (listener: RequestListener) => serve(http.createServer(listener));
const httpCheck = createCheckOf(toThisProcess)({ app: 'shop', environment: 'production', release: 'r1' });
const expected: HttpExpectation = {
  path: '/x?y=a b',
  timeoutMs: 1_000,
  status: [200],
  contains: null,
  type: null,
  header: {},
};

test('An answer as expected passes, with its status and time', async () => {
  const address = await answering((request, response) => response.end(request.url));
  const result = await httpCheck(address, { ...expected, contains: '/x?y=a%20b' });
  expect(result).toMatchObject({ passed: true, aborted: false, status: 200, code: null, seen: 'answered 200' });
  expect(result.ms).toBeGreaterThan(0);
});

test('A request carries the headers that the spec names, also the name of the host', async () => {
  const address = await answering(({ headers }, response) =>
    response.end(`${headers.host} ${String(headers['x-forwarded-proto'])} ${headers['user-agent']}`),
  );
  const send = { host: 'shop.example', 'x-forwarded-proto': 'https' };
  expect(await httpCheck(address, { ...expected, send, contains: 'shop.example https mvca' })).toMatchObject({
    passed: true,
  });
  const own = `127.0.0.1:${address.port} undefined mvca`;
  expect(await httpCheck(address, { ...expected, contains: own })).toMatchObject({ passed: true });
});

test('A redirect is not followed', async () => {
  const address = await answering((_request, response) => response.writeHead(302, { location: '/login' }).end());
  expect(await httpCheck(address, expected)).toMatchObject({
    passed: false,
    status: 302,
    seen: expect.stringContaining('to /login; redirects are not followed'),
  });
});

test('A stream that never ends is an answer where nothing of its body is asked for', async () => {
  const address = await answering(
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'),
  );
  expect(await httpCheck(address, expected)).toMatchObject({ passed: true });
  expect(await httpCheck(address, { ...expected, timeoutMs: 200, contains: 'data: 2' })).toMatchObject({
    passed: false,
    code: 'ETIMEDOUT',
  });
});

test('Silence, a closed port, a reset and what is not HTTP each have their words', async () => {
  const silent = await serve(net.createServer((socket) => closing.push(() => socket.destroy())));
  expect(await httpCheck(silent, { ...expected, timeoutMs: 200 })).toMatchObject({
    code: 'ETIMEDOUT',
    seen: 'gave no answer within 200 ms',
  });
  expect(await httpCheck({ host: '127.0.0.1', port: 1 }, expected)).toMatchObject({
    code: 'ECONNREFUSED',
    seen: 'refused the connection',
  });
  const resets = await serve(net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
  expect(await httpCheck(resets, expected)).toMatchObject({ passed: false, code: 'ECONNRESET' });
  const other = await serve(net.createServer((socket) => socket.end('SSH-2.0-x\r\n')));
  expect(await httpCheck(other, expected)).toMatchObject({ passed: false, status: null });
});

test('A check that its caller ends says nothing about the instance', async () => {
  const silent = await serve(net.createServer((socket) => closing.push(() => socket.destroy())));
  const ended = new AbortController();
  setTimeout(() => ended.abort(), 50);
  expect(await httpCheck(silent, expected, ended.signal)).toMatchObject({ passed: false, aborted: true });
  expect(await httpCheck(silent, expected, ended.signal)).toMatchObject({ aborted: true });
});

test('A path that is no path is a result too', async () => {
  expect(await httpCheck({ host: '127.0.0.1', port: 1 }, { ...expected, path: '/\n\u0000%' })).toMatchObject({
    passed: false,
  });
});

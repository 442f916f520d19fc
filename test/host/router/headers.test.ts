/** What instances and clients are told in headers, and what belongs to one connection only. */
import fc from 'fast-check';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { fetchFrom, rawExchange, startWith, type Routed } from './routed';

let routed: Routed;
let headers: IncomingHttpHeaders = {};
let raw: readonly string[] = [];
let answer: (response: ServerResponse) => void = (response) => response.end('ok');

beforeAll(async () => {
  routed = await startWith((request, response) => {
    headers = request.headers;
    raw = request.rawHeaders;
    answer(response);
  });
});
beforeEach(() => (answer = (response) => response.end('ok')));
afterAll(() => routed.close());

const get = (sent: Record<string, string | string[]> = {}) => fetchFrom(routed.port, { path: '/', headers: sent });

test('the instance learns who the client is and what it asked for', async () => {
  await get({ Host: 'shop.example.com' });
  expect(headers).toMatchObject({
    host: 'shop.example.com',
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example.com',
    forwarded: 'for=127.0.0.1;host="shop.example.com";proto=http',
  });
});

test('headers of the connection stop here, also those that Connection names', async () => {
  const lines = [
    'GET / HTTP/1.1',
    'Host: shop',
    'Connection: keep-alive, X-Secret, X-Forwarded-For, close',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic abc',
    'TE: trailers, deflate',
    'X-Secret: 1',
    'X-Kept: 2',
  ];
  await rawExchange(routed.port, `${lines.join('\r\n')}\r\n\r\n`);
  for (const name of ['keep-alive', 'proxy-connection', 'proxy-authorization', 'x-secret'])
    expect(headers[name]).toBeUndefined();
  expect(headers).toMatchObject({ 'x-kept': '2', te: 'trailers', 'x-forwarded-for': '127.0.0.1' });
});

test('naming Content-Length in Connection does not change the framing', async () => {
  const lines = ['POST / HTTP/1.1', 'Host: shop', 'Connection: close, content-length', 'Content-Length: 5'];
  const text = await rawExchange(routed.port, `${lines.join('\r\n')}\r\n\r\nhello`);
  expect(text).toContain('200 OK');
  expect(headers['content-length']).toBe('5');
});

test('repeated headers and the case of names arrive as they were sent', async () => {
  await rawExchange(
    routed.port,
    'GET / HTTP/1.1\r\nHost: shop\r\nX-Odd-CASE: 1\r\nCookie: a=1\r\nX-Odd-CASE: 2\r\n\r\n',
    'ok',
  );
  expect(raw.filter((name) => name === 'X-Odd-CASE')).toHaveLength(2);
  expect(raw).toContain('a=1');
});

test("the instance's connection headers do not reach the client", async () => {
  answer = (response) => {
    response.writeHead(200, {
      Connection: 'close, X-Inner',
      'X-Inner': 'secret',
      'Keep-Alive': 'timeout=1',
      'Proxy-Authenticate': 'Basic',
      'Set-Cookie': ['a=1', 'b=2'],
      'X-Outer': 'yes',
    });
    response.end('ok');
  };
  const got = await get({ Connection: 'keep-alive' });
  expect(got.headers['x-inner']).toBeUndefined();
  expect(got.headers['proxy-authenticate']).toBeUndefined();
  expect(got.headers.connection).toBe('keep-alive');
  expect(got.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(got.headers['x-outer']).toBe('yes');
});

test.each([200, 201, 204, 301, 304, 400, 404, 418, 500, 503])('status %i passes with its words', async (status) => {
  answer = (response) => response.writeHead(status, 'My Words').end();
  const got = await get();
  expect(got).toMatchObject({ status, message: 'My Words' });
});

test('bytes above ASCII in a header value pass unchanged', async () => {
  answer = (response) => response.writeHead(200, { 'X-Name': 'J\xfcrgen' }).end();
  const got = await get({ 'X-In': 'caf\xe9' });
  expect(headers['x-in']).toBe('caf\xe9');
  expect(got.headers['x-name']).toBe('J\xfcrgen');
});

test('whatever the headers, those of the connection stop here and the others arrive', async () => {
  const name = fc.stringMatching(/^x-[a-z]{1,12}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const sent = fc.dictionary(name, value, { maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(sent, fc.array(name, { maxLength: 3 }), async (own, named) => {
      const got = await get({ ...own, connection: ['close', ...named].join(', ') });
      expect(got.status).toBe(200);
      for (const [key, text] of Object.entries(own)) {
        if (key.startsWith('x-forwarded')) continue;
        expect(headers[key]).toBe(named.includes(key) ? undefined : text);
      }
    }),
    { numRuns: 60 },
  );
});

/** What is said byte by byte: framing, and the requests that two parsers could read differently. */
import { startWith, rawClient, rawExchange, readAll, poll, type Routed } from './routed';

let routed: Routed;
let seen: { method: string; url: string; body: string; headers: readonly string[] }[] = [];

beforeAll(async () => {
  routed = await startWith(async (request, response) => {
    const body = (await readAll(request).catch(() => Buffer.from('broken off'))).toString();
    seen.push({ method: request.method ?? '', url: request.url ?? '', body, headers: request.rawHeaders });
    response.setHeader('content-length', Buffer.byteLength(`got ${body}`));
    response.end(`got ${body}`);
  });
});
beforeEach(() => (seen = []));
afterAll(() => routed.close());

const say = (lines: readonly string[], body = ''): string => `${lines.join('\r\n')}\r\n\r\n${body}`;

test('a plain request is answered and the connection kept', async () => {
  const get = say(['GET /one HTTP/1.1', 'Host: shop']);
  const client = await rawClient(routed.port, get);
  await poll('the first was answered', () => client.text().includes('got '));
  client.socket.write(get);
  await poll('the second was answered', () => client.text().split('got ').length === 3);
  client.socket.destroy();
  const text = client.text();
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  expect(seen.map(({ url }) => url)).toEqual(['/one', '/one']);
});

test('pipelined requests are answered in order', async () => {
  const client = await rawClient(routed.port);
  for (let i = 0; i < 20; i += 1)
    client.socket.write(
      say([`POST /${i} HTTP/1.1`, 'Host: shop', 'Content-Length: 3'], `n${String(i).padStart(2, '0')}`),
    );
  await poll('all were answered', () => client.text().split('got n').length === 21);
  const order = [...client.text().matchAll(/got n(\d\d)/g)].map((match) => Number(match[1]));
  expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
  client.socket.destroy();
});

test('a chunked body arrives whole', async () => {
  const text = await rawExchange(
    routed.port,
    say(['POST / HTTP/1.1', 'Host: shop', 'Transfer-Encoding: chunked'], '5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n'),
    'got hello, world',
  );
  expect(text).toContain('200 OK');
});

test('HTTP/1.0 without Host is served and the connection closed', async () => {
  const text = await rawExchange(routed.port, say(['GET /old HTTP/1.0']));
  expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(text).toMatch(/connection: close/i);
});

test('a client that asked for it has its connection closed after the answer', async () => {
  expect(await rawExchange(routed.port, say(['GET / HTTP/1.1', 'Host: shop', 'Connection: close']))).toContain('got ');
});

test('an absolute target is served, and its host counts, not the Host header', async () => {
  await rawExchange(routed.port, say(['GET http://example.com/a?b=c HTTP/1.1', 'Host: other']), 'got ');
  expect(seen[0]?.url).toBe('/a?b=c');
  const { headers } = seen[0] as (typeof seen)[number];
  expect(headers[headers.findIndex((name) => name.toLowerCase() === 'host') + 1]).toBe('example.com');
});

test('OPTIONS * reaches the instance as it is', async () => {
  await rawExchange(routed.port, say(['OPTIONS * HTTP/1.1', 'Host: shop']), 'got ');
  expect(seen[0]).toMatchObject({ method: 'OPTIONS', url: '*' });
});

const SMUGGLED: readonly (readonly [string, string])[] = [
  [
    'both Content-Length and Transfer-Encoding',
    say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 6', 'Transfer-Encoding: chunked'], '0\r\n\r\nG'),
  ],
  [
    'both, the other way round',
    say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 6'], '0\r\n\r\nG'),
  ],
  ['two lengths', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'], 'ab')],
  ['two equal lengths', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 1'], 'a')],
  ['a list of lengths', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 1, 1'], 'a')],
  ['a length with a sign', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: +1'], 'a')],
  ['a length in hexadecimal', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 0x1'], 'a')],
  ['a negative length', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length: -1'])],
  ['an unknown transfer coding', say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: xchunked'], '0\r\n\r\n')],
  ['a coding before chunked', say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked'], '0\r\n\r\n')],
  [
    'chunked that is not last',
    say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked, identity'], '0\r\n\r\n'),
  ],
  [
    'two transfer codings',
    say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Transfer-Encoding: x'], '0\r\n\r\n'),
  ],
  ['a space before the colon', say(['POST / HTTP/1.1', 'Host: a', 'Content-Length : 1'], 'a')],
  ['a folded header', say(['GET / HTTP/1.1', 'Host: a', 'X-A: b', ' Transfer-Encoding: chunked'])],
  ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['a zero byte in a header', say(['GET / HTTP/1.1', 'Host: a', 'X-A: b\0c'])],
  ['a carriage return in a header', say(['GET / HTTP/1.1', 'Host: a', 'X-A: b\rX-B: c'])],
  [
    'a chunk size that is none',
    say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'),
  ],
  [
    'a chunk longer than it says',
    say(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'], '3\r\nhello\r\n0\r\n\r\n'),
  ],
  ['two Host headers', say(['GET / HTTP/1.1', 'Host: a', 'Host: b'])],
  ['no Host header', say(['GET / HTTP/1.1'])],
  ['a target that is no path', say(['GET shop HTTP/1.1', 'Host: a'])],
  ['an unknown version', say(['GET / HTTP/3.7', 'Host: a'])],
  ['no HTTP at all', 'hello there\r\n\r\n'],
];

test.each(SMUGGLED)('%s is refused, and nothing reaches the instance', async (_, bytes) => {
  const smuggled = say(['GET /smuggled HTTP/1.1', 'Host: a']);
  const text = await rawExchange(routed.port, bytes + smuggled);
  expect(text).toMatch(/^HTTP\/1\.1 (400|501) /);
  expect(text.match(/^HTTP/gm)).toHaveLength(1);
  expect(seen.filter(({ url, body }) => url === '/smuggled' || (body !== '' && body !== 'broken off'))).toEqual([]);
});

test('CONNECT is not served', async () => {
  expect(await rawExchange(routed.port, say(['CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443']))).toBe('');
  expect(seen).toEqual([]);
});

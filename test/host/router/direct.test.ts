/** The same bytes sent to an instance directly and through the router: what the instance answers is what the client gets. */
import { STATUS_CODES } from 'node:http';
import net, { type Server } from 'node:net';
import { addressOf, closeServer, poll, rawClient, serve, startRouted, startWith, type Routed } from './routed';
import { ANSWERS, readAnswer, startRawInstance, type Seen } from './raw-instance';

let routed: Routed;
let instance: Server;
beforeAll(async () => {
  instance = await startRawInstance();
  routed = await startRouted();
  await serve(routed, { a: [addressOf(instance)] }, { a: 100 });
});
afterAll(async () => {
  await routed.close();
  instance.close();
});

const CLOSE = 'Connection: close';
const length = (body: string): string => `Content-Length: ${body.length}`;

interface Form {
  readonly method: string;
  readonly headers: readonly string[];
  readonly body?: string;
  /** The client sends its FIN with the request. */
  readonly ends?: boolean;
  readonly version?: string;
}

/** Ways to ask. */
const FORMS: Readonly<Record<string, Form>> = {
  get: { method: 'GET', headers: [CLOSE] },
  head: { method: 'HEAD', headers: [CLOSE] },
  'http-1.0': { method: 'GET', headers: [], version: '1.0' },
  'half-closed': { method: 'GET', headers: [CLOSE], ends: true },
  'half-closed-kept': { method: 'GET', headers: [], ends: true },
  'post-half-closed': { method: 'POST', headers: [length('hello')], body: 'hello', ends: true },
  post: { method: 'POST', headers: [CLOSE, length('hello')], body: 'hello' },
  'post-chunked': {
    method: 'POST',
    headers: [CLOSE, 'Transfer-Encoding: chunked'],
    body: '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
  },
};

const OFFERS = ['TLS/1.2', 'TLS/1.3', 'HTTP/2.0', 'h2c', 'websocket'];

/** Every upgrade that a client may offer with a body, and those that concern the connection alone without one. */
const OFFERING = OFFERS.flatMap((offer) => {
  const headers = ['Connection: Upgrade, close', `Upgrade: ${offer}`];
  const forms: [string, Form][] = [
    [`post-offers-${offer}`, { method: 'POST', headers: [...headers, length('hello')], body: 'hello' }],
    [
      `chunked-offers-${offer}`,
      { method: 'PUT', headers: [...headers, 'Transfer-Encoding: chunked'], body: '5\r\nhello\r\n0\r\n\r\n' },
    ],
    [`get-offers-${offer}`, { method: 'GET', headers }],
  ];
  return forms;
});

const bytesOf = (name: string, { method, headers, body = '', version = '1.1' }: Form): string =>
  [`${method} /${name} HTTP/${version}`, 'Host: shop', ...headers, '', body].join('\r\n');

async function exchange(port: number, name: string, form: Form): Promise<Seen | null> {
  const client = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  let text = '';
  client.on('data', (data) => (text += data.toString('latin1'))).on('error', () => undefined);
  const isWhole = (): boolean => {
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? NaN);
    return text.length >= text.lastIndexOf('\r\n\r\n') + 4 + length && !form.headers.includes(CLOSE);
  };
  const done = new Promise<void>((resolve) => {
    client.on('end', resolve).on('close', resolve);
    client.on('data', () => isWhole() && resolve());
    client.setTimeout(5_000, resolve);
  });
  client[form.ends === true ? 'end' : 'write'](bytesOf(name, form), 'latin1');
  await done;
  client.destroy();
  return readAnswer(text);
}

/** Bytes that are no UTF-8 are lost before the router gets them, and control characters may not be sent: the standard's words stand there. */
const REPLACED = new Set(['reason-latin1', 'reason-obs', 'reason-control', 'reason-delete']);

function expectedOf(name: string, direct: Seen, seen: Seen | null): Seen {
  const words = REPLACED.has(name) && seen?.reason !== direct.reason;
  return words ? { ...direct, reason: STATUS_CODES[direct.status] ?? '' } : direct;
}

const CASES = [...Object.entries(FORMS), ...OFFERING].flatMap(([form, how]) =>
  (form.includes('offers') ? ['echo', 'plain'] : ['echo', ...Object.keys(ANSWERS)]).map(
    (name) => [form, name, how] as const,
  ),
);

test(`${CASES.length} exchanges are the same as with the instance itself`, async () => {
  const differences: unknown[] = [];
  for (const [form, name, how] of CASES) {
    const [direct, seen] = await Promise.all([
      exchange(addressOf(instance).port, name, how),
      exchange(routed.port, name, how),
    ]);
    if (direct === null) throw new Error(`${form} ${name}: the instance itself gave no answer`);
    // What the parser of the router refuses is an answer all the same, and never a silence.
    const isRefused = seen?.status === 502 && (name === 'reason-control' || name === 'reason-delete');
    // HTTP/1.0 knows no interim answers.
    const told = how.version === '1.0' ? { ...direct, hints: [] } : direct;
    const expected = expectedOf(name, told, seen);
    if (!isRefused && JSON.stringify(seen) !== JSON.stringify(expected))
      differences.push({ form, name, seen, expected });
  }
  expect(differences).toEqual([]);
  expect(routed.figures()).toMatchObject({ connectErrors: 0, timeouts: 0, inFlight: 0 });
}, 60_000);

test('a head above the limit is 502, and the words name the limit', async () => {
  const large = await startWith((request, response) => {
    response.setHeader('x-large', 'x'.repeat(140_000));
    response.end(request.url);
  });
  const client = await rawClient(large.port, `GET / HTTP/1.1\r\nHost: shop\r\n${CLOSE}\r\n\r\n`);
  expect(await client.ended).toMatch(/^HTTP\/1\.1 502 [^]*larger than 128 KB/);
  await large.close();
});

test('an answer that comes before the upload is whole reaches the client, and is no failure', async () => {
  const early = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 6\r\nConnection: close\r\n\r\nlarge\n');
      socket.destroySoon();
    });
  });
  await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
  const there = await startRouted();
  await serve(there, { a: [addressOf(early)] }, { a: 100 });
  const piece = 'x'.repeat(64 * 1024);
  const statuses: (string | undefined)[] = [];
  for (let i = 0; i < 40; i += 1) {
    const kind = i % 2 === 0 ? `Content-Length: ${piece.length * 40}` : 'Transfer-Encoding: chunked';
    const client = await rawClient(there.port, `POST / HTTP/1.1\r\nHost: shop\r\n${kind}\r\n\r\n`);
    const sent = i % 2 === 0 ? piece : `10000\r\n${piece}\r\n`;
    for (let n = 0; n < 20 && !client.socket.destroyed; n += 1) client.socket.write(sent);
    await poll('an answer came', () => client.text().includes('\r\n\r\n'));
    statuses.push(client.text().split(' ')[1]);
    client.socket.destroy();
  }
  expect(new Set(statuses)).toEqual(new Set(['413']));
  expect(there.figures()).toMatchObject({ resets: 0, connectErrors: 0, statuses: { 413: 40 } });
  await there.close();
  await closeServer(early);
});

test('a client that leaves while its answer is overdue, or within it, has left', async () => {
  const slow = await startWith((request, response) => {
    if (request.url === '/begun') response.write('part');
  });
  await slow.ask('PUT', '/settings', { slowMs: 50, drainMs: 1_000 });
  const waiting = await rawClient(slow.port, 'GET /hangs HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('it is overdue', () => slow.figures().overdue === 1);
  waiting.socket.destroy();
  await poll('it gave up', () => slow.figures().gaveUp === 1);
  const begun = await rawClient(slow.port, 'GET /begun HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('a part came', () => begun.text().includes('part'));
  begun.socket.destroy();
  await poll('it left', () => slow.figures().clientAborts === 1);
  await slow.close();
});

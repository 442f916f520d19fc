/** The same bytes sent to an instance directly and through the router: what the instance answers is what the client gets. */
import { STATUS_CODES, type RequestListener } from 'node:http';
import net, { type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** The client sends its FIN with the request, or when the answer begins. */
  readonly ends?: 'with it' | 'within the answer';
  readonly version?: string;
}

/** Ways to ask. */
const FORMS: Readonly<Record<string, Form>> = {
  get: { method: 'GET', headers: [CLOSE] },
  head: { method: 'HEAD', headers: [CLOSE] },
  'http-1.0': { method: 'GET', headers: [], version: '1.0' },
  'half-closed': { method: 'GET', headers: [CLOSE], ends: 'with it' },
  'half-closed-kept': { method: 'GET', headers: [], ends: 'with it' },
  'half-closed-within': { method: 'GET', headers: [CLOSE], ends: 'within the answer' },
  'post-half-closed': { method: 'POST', headers: [length('hello')], body: 'hello', ends: 'with it' },
  expects: { method: 'POST', headers: [CLOSE, 'Expect: 100-continue', length('hello')], body: 'hello' },
  'expects-more': { method: 'POST', headers: [CLOSE, 'Expect: more', length('hello')], body: 'hello' },
  'expects-1.0': { method: 'POST', headers: ['Expect: 100-continue', length('hello')], body: 'hello', version: '1.0' },
  trails: {
    method: 'POST',
    headers: [CLOSE, 'Transfer-Encoding: chunked', 'Trailer: X-Sum'],
    body: '5\r\nhello\r\n0\r\n\r\n',
  },
  post: { method: 'POST', headers: [CLOSE, length('hello')], body: 'hello' },
  'post-chunked': {
    method: 'POST',
    headers: [CLOSE, 'Transfer-Encoding: chunked'],
    body: '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
  },
};

const OFFERS = ['TLS/1.2', 'TLS/1.3', 'HTTP/2.0', 'h2c', 'websocket'];

/** Headers that have to arrive byte by byte, over each of the ways that requests take. */
const ODD = [
  `X-Name: ${Buffer.from('naïve☃').toString('latin1')}`,
  'X-Latin: na\xefve',
  'X-Empty:',
  'Cookie: a',
  'Cookie: b',
];
const BYTES: Readonly<Record<string, Form>> = {
  'bytes-offers': { method: 'GET', headers: [...ODD, 'Connection: Upgrade, close', 'Upgrade: mine'] },
  'bytes-expects': { method: 'GET', headers: [...ODD, CLOSE, 'Expect: 100-continue'] },
  'bytes-trailer': { method: 'GET', headers: [...ODD, CLOSE, 'Trailer: X-Sum'] },
  'bytes-trailer-length': { method: 'POST', headers: [CLOSE, 'Trailer: X-Sum', length('hello')], body: 'hello' },
  'bytes-plain': { method: 'GET', headers: [...ODD, CLOSE] },
};

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
    client.setTimeout(20_000, resolve);
  });
  if (form.ends === 'within the answer') client.once('data', () => client.end());
  client[form.ends === 'with it' ? 'end' : 'write'](bytesOf(name, form), 'latin1');
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

/** Forms that take the way of another one are asked for what is peculiar to them. */
const FEW = ['echo', 'plain', 'continue-once', 'hints-list', 'head-alone', 'in-parts', 'cookies-1500', 'until-close'];
const isLikeAnother = (form: string): boolean => /^(?:half-closed-|post-half|expects-)/.test(form);

function namesFor(form: string): readonly string[] {
  if (form.includes('offers') || form.startsWith('bytes-')) return ['echo', 'plain'];
  return isLikeAnother(form) ? FEW : ['echo', ...Object.keys(ANSWERS)];
}

const CASES = [...Object.entries(FORMS), ...OFFERING, ...Object.entries(BYTES)].flatMap(([form, how]) =>
  namesFor(form).map((name) => [form, name, how] as const),
);

const AT_ONCE = 10;

async function differenceIn([form, name, how]: (typeof CASES)[number]): Promise<unknown> {
  const [direct, seen] = await Promise.all([
    exchange(addressOf(instance).port, name, how),
    exchange(routed.port, name, how),
  ]);
  if (direct === null) throw new Error(`${form} ${name}: the instance itself gave no answer`);
  // What the parser of the router refuses is an answer all the same, and never a silence.
  if (seen?.status === 502 && (name === 'reason-control' || name === 'reason-delete')) return null;
  // HTTP/1.0 knows no interim answers.
  const told = how.version === '1.0' ? { ...direct, interim: [] } : direct;
  const expected = expectedOf(name, told, seen);
  return JSON.stringify(seen) === JSON.stringify(expected) ? null : { form, name, seen, expected };
}

test(`${CASES.length} exchanges are the same as with the instance itself`, async () => {
  const differences: unknown[] = [];
  for (let i = 0; i < CASES.length; i += AT_ONCE) {
    const found = await Promise.all(CASES.slice(i, i + AT_ONCE).map(differenceIn));
    differences.push(...found.filter((difference) => difference !== null));
  }
  expect(differences).toEqual([]);
  await poll('nothing is in flight any more', () => routed.figures().inFlight === 0);
  expect(routed.figures()).toMatchObject({ connectErrors: 0, timeouts: 0 });
}, 300_000);

test('a head above the limit is 502, and the words name the limit', async () => {
  const large = await startWith((request, response) => {
    response.setHeader('x-large', 'x'.repeat(140_000));
    response.end(request.url);
  });
  const client = await rawClient(large.port, `GET / HTTP/1.1\r\nHost: shop\r\n${CLOSE}\r\n\r\n`);
  expect(await client.ended).toMatch(/^HTTP\/1\.1 502 [^]*larger than 128 KB/);
  await large.close();
});

const TOO_LARGE = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 6\r\nConnection: close\r\n\r\nlarge\n';
/** What an instance does after its answer. */
const THEN: Readonly<Record<string, (socket: Socket) => void>> = {
  closes: (socket) => socket.destroySoon(),
  'reads on': (socket) => socket.end(),
};
const LONG = `Content-Length: ${64 * 1024 * 40}`;
const UPLOADS: readonly (readonly string[])[] = [
  [LONG],
  ['Transfer-Encoding: chunked'],
  [LONG, CLOSE],
  ['Transfer-Encoding: chunked', CLOSE],
  [LONG, 'Expect: 100-continue'],
];
const PIECE = 'x'.repeat(64 * 1024);

async function statusOfUpload(port: number, headers: readonly string[]): Promise<string | undefined> {
  const client = await rawClient(port, ['POST / HTTP/1.1', 'Host: shop', ...headers, '', ''].join('\r\n'));
  const sent = headers.includes(UPLOADS[1]?.[0] ?? '') ? `10000\r\n${PIECE}\r\n` : PIECE;
  // It goes on sending whatever comes, as one does that looks for an answer afterwards only: a reset meets it while it writes.
  const send = (n: number): void => {
    if (n < 39 && !client.socket.destroyed) client.socket.write(sent, () => setImmediate(send, n + 1));
  };
  send(0);
  await Promise.race([poll('an answer came', () => client.text().endsWith('large\n')), client.ended]);
  client.socket.destroy();
  return client.text().split(' ')[1];
}

test.each(Object.entries(THEN))(
  'an answer that comes before the upload is whole reaches the client, and is no failure: the instance %s',
  async (_, then) => {
    const early = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined).resume();
      socket.once('data', () => {
        socket.write(TOO_LARGE);
        then(socket);
      });
    });
    await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
    const there = await startRouted();
    await serve(there, { a: [addressOf(early)] }, { a: 100 });
    const tries = UPLOADS.flatMap((headers) => Array.from({ length: 4 }, () => headers));
    const statuses = await Promise.all(tries.map((headers) => statusOfUpload(there.port, headers)));
    expect(statuses).toEqual(tries.map(() => '413'));
    expect(there.figures()).toMatchObject({ resets: 0, connectErrors: 0, statuses: { 413: tries.length } });
    await there.close();
    await closeServer(early);
  },
);

test('of a client that has its answer, the rest of the upload is read for so long and no longer', async () => {
  const there = await startWith((_, response) => response.end('early'), { lingerMs: 200 });
  const client = net.connect({ port: there.port, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise((resolve) => client.on('close', resolve).on('error', () => undefined));
  let text = '';
  client.on('data', (data) => (text += data.toString()));
  client.write(`POST / HTTP/1.1\r\nHost: shop\r\n${LONG}\r\n${CLOSE}\r\n\r\n`);
  const sending = setInterval(() => client.write('more'), 20);
  await closed;
  clearInterval(sending);
  expect(text).toMatch(/early$/);
  await there.close();
});

test.each([
  ['a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 3\n\nok\n'],
  ['a control character', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 3\r\n\r\nok\n'],
])('an answer with %s is 502, and the words say that there was one', async (_, bytes) => {
  const odd = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(bytes));
  });
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
  const there = await startRouted();
  await serve(there, { a: [addressOf(odd)] }, { a: 100 });
  for (const more of [[], ['Expect: 100-continue']]) {
    const client = await rawClient(there.port, ['GET / HTTP/1.1', 'Host: shop', CLOSE, ...more, '', ''].join('\r\n'));
    expect(await client.ended).toMatch(/^HTTP\/1\.1 502 [^]*answer is not what HTTP\/1\.1 allows: /);
  }
  await there.close();
  await closeServer(odd);
});

test('a client that ends its side within an answer gets the rest of it', async () => {
  let more: (() => void) | undefined;
  const listener: RequestListener = (_, response) => {
    response.write('first');
    more = () => response.end('last');
  };
  const there = await startWith(listener, { halfOpenMs: 300_000 });
  const client = net.connect({ port: there.port, host: '127.0.0.1', allowHalfOpen: true });
  const ended = new Promise((resolve) => client.on('close', resolve).on('end', () => client.destroy()));
  let text = '';
  client.on('data', (data) => (text += data.toString())).on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await poll('the first part came', () => text.includes('first'));
  client.end();
  await sleep(200);
  more?.();
  await ended;
  expect(text).toMatch(/last\r\n0\r\n\r\n$/);
  expect(there.figures()).toMatchObject({ clientAborts: 0, resets: 0, statuses: { 200: 1 } });
  await there.close();
});

test('a client that leaves while its answer is overdue, or within it, has left', async () => {
  const listener: RequestListener = (request, response) => {
    if (request.url === '/begun') response.write('part');
  };
  const slow = await startWith(listener, { halfOpenMs: 100 });
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

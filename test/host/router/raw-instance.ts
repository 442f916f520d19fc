/** An instance that answers with the very bytes that its path asks for, and what a client makes of them. */
import net, { type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const UTF8 = Buffer.from('naïve☃').toString('latin1');
const plain = (headers = '', body = 'ok\n'): string =>
  `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
const reason = (words: string): string => `HTTP/1.1 404 ${words}\r\nContent-Length: 3\r\n\r\nno\n`;
const after = (...heads: readonly string[]): string =>
  [...heads.map((head) => `HTTP/1.1 ${head}\r\n\r\n`), plain('', 'after\n')].join('');
/** With bytes beyond ASCII, and its head alone for a moment. */
const alone = (words: string, type: string, body: string): readonly string[] => [
  `HTTP/1.1 200 ${words}\r\nContent-Type: ${type}\r\nX-Name: ${UTF8}\r\nContent-Length: ${body.length}\r\n\r\n`,
  body,
];
const large = (size: number): string => plain(`X-Large: ${'x'.repeat(size)}\r\n`);

/** By name; text is sent as Latin-1, one byte a character, and parts one after the other. `/echo` tells what arrived. */
export const ANSWERS: Readonly<Record<string, string | readonly string[]>> = {
  plain: plain(),
  'reason-none': 'HTTP/1.1 404\r\nContent-Length: 3\r\n\r\nno\n',
  'reason-empty': reason(''),
  'reason-own': reason('My Words'),
  'reason-utf8': reason(Buffer.from('Déplacé ☃').toString('latin1')),
  'reason-latin1': reason('D\xe9plac\xe9 ailleurs'),
  'reason-obs': reason('\x80\xff'),
  'reason-control': reason('a\x01b'),
  'reason-tab': reason('a\tb'),
  'reason-delete': reason('a\x7fb'),
  'status-999': 'HTTP/1.1 999 Denied\r\nContent-Length: 3\r\n\r\nno\n',
  'status-600': 'HTTP/1.1 600 Odd\r\nContent-Length: 3\r\n\r\nno\n',
  'continue-once': after('100 Continue'),
  'continue-twice': after('100 Continue', '100 Continue'),
  'continue-words': after('100 Go on\r\nX-Why: none'),
  'processing-102': after('102 Processing'),
  'upload-104': after('104 Upload Resumption\r\nLocation: /u/1'),
  'hints-103': after('103 Early Hints\r\nLink: </a.css>; rel=preload'),
  'hints-list': after('103 Early Hints\r\nLink: </a.css>; rel=preload, </b.js>; rel=preload'),
  'hints-odd': after('103 Early Hints\r\nLink: whatever'),
  'hints-more': after('103 Early Hints\r\nX-More: 1', '103 Early Hints\r\nX-More: 2\r\nLink: </a.css>; rel=preload'),
  'hints-and-continue': after('103 Early Hints\r\nLink: </a.css>; rel=preload', '100 Continue', '102 Processing'),
  'body-like-continue': plain('', 'HTTP/1.1 100 Continue\r\n\r\n'),
  'head-10000': large(10_000),
  'head-16500': large(16_500),
  'head-30000': large(30_000),
  'head-60000': large(60_000),
  'cookies-1500': plain(Array.from({ length: 1_500 }, (_, i) => `Set-Cookie: c${i}=${i}; Path=/\r\n`).join('')),
  'header-utf8': plain(`X-Name: ${UTF8}\r\n`),
  'head-alone': alone(UTF8, 'text/plain', 'ok\n'),
  'events-alone': alone('OK', 'text/event-stream', 'data: 1\n\n'),
  'in-parts': [plain('', 'abcdef').slice(0, -4), 'cd', 'ef'],
  'bytes-after': `${plain()}HTTP/1.1 200 OK\r\n\r\n`,
  'header-empty': plain('X-Empty:\r\n'),
  'header-twice': plain('X-Two: 1\r\nX-Two: 2\r\n'),
  'none-204': 'HTTP/1.1 204 No Content\r\n\r\n',
  'none-204-length': 'HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n',
  'unchanged-304-length': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n',
  'unchanged-304': 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
  'until-close': 'HTTP/1.0 200 OK\r\n\r\nuntil close\n',
  'closes-after': plain('Connection: close\r\n'),
};

const ENDS = new Set(['until-close', 'closes-after']);
const PAUSE_MS = 10;

export async function startRawInstance(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = '';
    let answered = Promise.resolve();
    socket.on('error', () => undefined).on('end', () => void answered.then(() => socket.end()));
    socket.on('data', (data) => {
      bytes += data.toString('latin1');
      for (let taken = takeRequest(bytes); taken !== null; taken = takeRequest(bytes)) {
        bytes = taken.rest;
        const request = taken;
        answered = answered.then(() => answer(socket, request));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function answer(socket: Socket, { name, method, headers, body, isLast }: Taken): Promise<void> {
  const echo = plain('', `${method} ${headers.join(', ')} ${body}\n`);
  const parts = [name === 'echo' ? echo : (ANSWERS[name] ?? plain('', `unknown: ${name}`))].flat();
  const [head = ''] = /^(?:HTTP\/1\.1 1[^]*?\r\n\r\n)*[^]*?\r\n\r\n/.exec(parts.join('')) ?? [];
  for (const [i, part] of (method === 'HEAD' ? [head] : parts).entries()) {
    if (i > 0) await sleep(PAUSE_MS);
    socket.write(part, 'latin1');
  }
  if (ENDS.has(name) || isLast) socket.end();
}

interface Taken {
  readonly method: string;
  readonly name: string;
  /** Without those of the connection and those that a proxy adds, sorted. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly rest: string;
  /** The client said that nothing follows. */
  readonly isLast: boolean;
}

/** The first whole request; null: it has not come. */
function takeRequest(bytes: string): Taken | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = bytes.slice(0, end);
  const [method = '', path = ''] = head.split(' ');
  const rest = bytes.slice(end + 4);
  const name = path.slice(1);
  const lines = head.split('\r\n').slice(1);
  const headers = lines.filter((line) => !OF_THE_WAY.test(line)).map(lowerCased);
  headers.sort();
  const isLast = /^connection:.*close/im.test(head) || / HTTP\/1\.0$/m.test(head.split('\r\n')[0] ?? '');
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const last = /(?:^|\r\n)0\r\n\r\n/.exec(rest);
    if (last === null) return null;
    const after = last.index + last[0].length;
    return { method, name, headers, body: dechunked(rest.slice(0, after)), rest: rest.slice(after), isLast };
  }
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  if (rest.length < length) return null;
  return { method, name, headers, body: rest.slice(0, length), rest: rest.slice(length), isLast };
}

const OF_THE_WAY =
  /^(?:host|connection|upgrade|te|trailer|expect|transfer-encoding|content-length|forwarded|x-forwarded-.*|x-real-ip):/i;
const lowerCased = (line: string): string => line.replace(/^[^:]*:/, (name) => name.toLowerCase()).trimEnd();

function dechunked(bytes: string): string {
  let text = '';
  for (let rest = bytes; ;) {
    const end = rest.indexOf('\r\n');
    const size = parseInt(rest.slice(0, end), 16);
    if (!(size > 0)) return text;
    text += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}

export interface Seen {
  readonly status: number;
  readonly reason: string;
  /** Without those of the connection, sorted. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Interim answers that came before, `100 Continue` left out, as a client may. */
  readonly interim: readonly string[];
}

const OF_THE_CONNECTION = /^(?:connection|keep-alive|date|transfer-encoding|content-length):/i;

/** What a client that follows RFC 9112 reads. */
export function readAnswer(text: string): Seen | null {
  const interim: string[] = [];
  for (let rest = text; ;) {
    const end = rest.indexOf('\r\n\r\n');
    const match = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/m.exec(rest.slice(0, Math.max(0, rest.indexOf('\r\n'))));
    if (end === -1 || match === null) return null;
    const [status, lines] = [Number(match[1]), rest.slice(0, end).split('\r\n').slice(1)];
    const body = rest.slice(end + 4);
    if (status < 200) {
      if (status !== 100) interim.push([status, match[2], ...lines].join(' '));
      rest = body;
      continue;
    }
    const isChunked = lines.some((line) => /^transfer-encoding: *chunked/i.test(line));
    const headers = lines.filter((line) => !OF_THE_CONNECTION.test(line)).map((line) => line.trimEnd());
    const length = /^content-length: *(\d+)$/im.exec(lines.join('\n'))?.[1];
    const whole = isChunked ? dechunked(body) : body.slice(0, length === undefined ? undefined : Number(length));
    return { status, reason: match[2] ?? '', headers: headers.sort(), body: whole, interim };
  }
}

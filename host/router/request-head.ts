/**
 * What an instance is told of a request: the client's headers without those of the connection (RFC 9110, section 7.6.1), and who
 * the client was (`Forwarded`, RFC 7239, and the older `X-Forwarded-*`). Runs with every request: no parsing of URLs, no regular
 * expressions, nothing built that is not sent.
 */
import type { IncomingMessage } from 'node:http';
import type { ClientConnection } from './client-connection';

/** A request that is not passed on. */
export interface Refused {
  readonly status: 400 | 501;
  readonly reason: string;
}

/** Where a request goes: its path, and the host that it asked for. */
export interface Target {
  readonly path: string;
  readonly host: string | undefined;
}

/** Why a request that the parser took is refused all the same; null for the ordinary case. */
export function refusalOf(request: IncomingMessage, target: Target | null): Refused | null {
  if (target === null) return { status: 400, reason: 'The request target is neither a path nor a URL.' };
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return { status: 501, reason: 'The only transfer coding that is understood is chunked.' };
  const raw = request.rawHeaders;
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts === 1 || (hosts === 0 && request.httpVersionMinor === 0)) return null;
  return { status: 400, reason: hosts === 0 ? 'The Host header is missing.' : 'There is more than one Host header.' };
}

/** null: the target has no form that an origin server serves (RFC 9112, section 3.2). */
export function targetOf(request: IncomingMessage): Target | null {
  const url = request.url as string;
  if (url.charCodeAt(0) === 47 /* / */) return { path: url, host: request.headers.host };
  if (url === '*') return request.method === 'OPTIONS' ? { path: url, host: request.headers.host } : null;
  const absolute = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(url);
  if (absolute === null) return null;
  const rest = absolute[2] ?? '';
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host: absolute[1] };
}

export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Name and value by turns, as `rawHeaders`. What belongs to the next connection (`Connection`, framing) is left to the caller. */
export function forwardedHead(request: IncomingMessage, client: ClientConnection, host: string | undefined): string[] {
  const raw = request.rawHeaders;
  const named = namedByConnection(request.headers.connection);
  const head: string[] = [];
  /** What a proxy that is believed says, by kind. */
  const told: (string | undefined)[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const kind = kindOf(name, named);
    if (kind === Kind.pass || (kind === Kind.forwardedOther && client.isTrusted)) head.push(name, value);
    else if (client.isTrusted) told[kind] = isList(kind) ? joined(told[kind], value) : (told[kind] ?? value);
  }
  if (host !== undefined) head.push('Host', host);
  head.push('X-Forwarded-For', joined(told[Kind.forwardedFor], client.address));
  head.push('X-Real-IP', told[Kind.realIp] ?? client.address);
  head.push('X-Forwarded-Proto', told[Kind.forwardedProto] ?? 'http');
  const originalHost = told[Kind.forwardedHost] ?? host;
  if (originalHost !== undefined) head.push('X-Forwarded-Host', originalHost);
  head.push('Forwarded', joined(told[Kind.forwarded], client.forwarded(host)));
  return head;
}

/** What the client expects before it sends its body; HTTP/1.0 knows nothing of it, whatever it says (RFC 9110, section 10.1.1). */
export const expectationOf = (request: IncomingMessage): string | undefined =>
  request.httpVersionMinor > 0 ? request.headers.expect : undefined;

/** The trailers that the client announces; only a chunked body can have any, whatever it says. */
export const trailersOf = (request: IncomingMessage): string | undefined =>
  request.headers['transfer-encoding'] === undefined ? undefined : request.headers.trailer;

/** Whether the client can make sense of trailers (`TE: trailers`). */
export const takesTrailers = (request: IncomingMessage): boolean =>
  request.headers.te !== undefined && String(request.headers.te).toLowerCase().includes('trailers');

const enum Kind {
  pass,
  drop,
  forwarded,
  forwardedFor,
  forwardedHost,
  forwardedProto,
  /** Further `X-Forwarded-…`: nothing of ours takes their place. */
  forwardedOther,
  realIp,
}

/** Each proxy adds to these; of the others the first counts. */
const isList = (kind: Kind): boolean => kind === Kind.forwarded || kind === Kind.forwardedFor;

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`;

/** The length decides for most names, so that few are made lower case. */
// eslint-disable-next-line complexity -- runs for every header of every request: one branch a name, and no allocation
function kindOf(name: string, named: ReadonlySet<string> | null): Kind {
  if (named !== null && named.has(name.toLowerCase())) return Kind.drop;
  switch (name.length) {
    case 2:
      return isNamed(name, 'te') ? Kind.drop : Kind.pass;
    case 4:
      return isNamed(name, 'host') ? Kind.drop : Kind.pass;
    case 6:
      return isNamed(name, 'expect') ? Kind.drop : Kind.pass;
    case 7:
      return isNamed(name, 'upgrade') || isNamed(name, 'trailer') ? Kind.drop : Kind.pass;
    case 9:
      if (isNamed(name, 'x-real-ip')) return Kind.realIp;
      return isNamed(name, 'forwarded') ? Kind.forwarded : otherKind(name);
    case 10:
      return isNamed(name, 'connection') || isNamed(name, 'keep-alive') ? Kind.drop : Kind.pass;
    case 15:
      return isNamed(name, 'x-forwarded-for') ? Kind.forwardedFor : otherKind(name);
    case 16:
      if (isNamed(name, 'x-forwarded-host')) return Kind.forwardedHost;
      return isNamed(name, 'proxy-connection') ? Kind.drop : otherKind(name);
    case 17:
      if (isNamed(name, 'x-forwarded-proto')) return Kind.forwardedProto;
      return isNamed(name, 'transfer-encoding') ? Kind.drop : otherKind(name);
    case 19:
      return isNamed(name, 'proxy-authorization') ? Kind.drop : otherKind(name);
    default:
      return otherKind(name);
  }
}

/** Also with `_`: many applications (CGI, WSGI, Rack) cannot tell it from `-`. */
function otherKind(name: string): Kind {
  if (name.length < 9 || (name.charCodeAt(0) | 32) !== 120 /* x */) return Kind.pass;
  const plain = name.toLowerCase().replaceAll('_', '-');
  return plain.startsWith('x-forwarded') || plain === 'x-real-ip' ? Kind.forwardedOther : Kind.pass;
}

const isNamed = (name: string, lower: string): boolean => name === lower || name.toLowerCase() === lower;

/** The names that `Connection` lists beside its usual words; never those that frame or address the message. */
function namedByConnection(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null;
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'keep-alive' && name !== 'close' && name !== 'host' && name !== 'content-length');
  return names.length === 0 ? null : new Set(names);
}

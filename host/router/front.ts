/** The side that clients see: a server for HTTP/1.1 that hands every request to the release whose turn it is. */
import http, { IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { note, traceOf } from '../../system/note';
import { connectionOf, type ClientConnection } from './client-connection';
import { Detour } from './detour';
import { Exchange } from './exchange';
import type { RouterLimits } from './limits';
import { lingerAfterAnswer } from './linger';
import { answerItself } from './own-answer';
import type { Release } from './release';
import { expectationOf, hasBody, refusalOf, targetOf, trailersOf } from './request-head';
import type { Place } from './stickiness';
import type { Trust } from './trust';
import { responseOn } from './tunnel';

export interface FrontDeps {
  readonly limits: RouterLimits;
  /** The release that gets the request; null: nobody serves. */
  readonly place: (request: IncomingMessage, client: ClientConnection) => Place<Release> | null;
  /** Who is believed about the client. */
  readonly trust: () => Trust;
  /** Whether there is room for one more connection of that client; asked once for each, and told of its end. */
  readonly places: { take(client: ClientConnection): boolean; leave(client: ClientConnection): void };
  /** Whether connections are to be closed after their answer. */
  readonly isEnding: () => boolean;
}

/**
 * Only what can be tunnelled is an upgrade. `h2c`, `HTTP/2.0` and `TLS/1.2` are offered by clients that do not need them (Java's default
 * client with every first request, Apache's with every one) and concern this connection alone; such a request is served as HTTP/1.1, as
 * RFC 9110, section 7.8 allows. So is one with a body, which would have to be read before the tunnel begins.
 */
class Request extends IncomingMessage {
  // Node sets it in the constructor of the class above already, before any field of this one exists.
  declare private isTunnel: boolean;

  set upgrade(upgrade: boolean | null) {
    this.isTunnel = upgrade === true && !hasBody(this) && !/\b(?:h2c|http|tls)\b/i.test(this.headers.upgrade ?? '');
  }

  get upgrade(): boolean {
    return this.isTunnel;
  }
}

export function createFront(deps: FrontDeps): Server {
  const { limits } = deps;
  const server = http.createServer({
    IncomingMessage: Request,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    // Long uploads are no attack as long as they move on; the sweep looks after those that do not.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    keepAliveTimeout: limits.idleMs,
    noDelay: true,
    requireHostHeader: false, // `refusalOf` looks after it, and closes the connection then
  });
  // A client that has said its last may still wait for an answer; `ClientConnection` tells it from one that went away.
  Object.assign(server, { httpAllowHalfOpen: true });
  // The size bounds them; a number would drop the ones above it without a word.
  server.maxHeadersCount = 0;
  server.on('connection', (socket) => admit(deps, socket));
  server.on('request', (request, response) => handle(deps, request, response));
  // Whether an expectation can be met is for the instance to say, also of those that Node does not know.
  const handleExpecting: RequestListener = (request, response) => handle(deps, request, response);
  server.on('checkContinue', handleExpecting).on('checkExpectation', handleExpecting);
  server.on('upgrade', (request, socket, head) => handleUpgrade(deps, request, { socket, head }));
  return server;
}

/** Without a place a connection gets its answer before it asks, and nothing that it sends is read as a request. */
function admit({ places, trust }: FrontDeps, socket: Socket): void {
  const client = connectionOf(socket);
  client.obey(trust());
  if (places.take(client)) return void socket.once('close', () => places.leave(client));
  client.isDistrusted = true;
  socket.on('error', () => socket.destroy());
  socket.end(NO_PLACE);
  setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
}

const NO_PLACE_WORDS = 'There are too many connections, or too many from your address.\n';
const NO_PLACE = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${NO_PLACE_WORDS.length}`,
  'Retry-After: 1',
  'Connection: close',
  '',
  NO_PLACE_WORDS,
].join('\r\n');
/** So long an answer may be on its way before the connection is closed whatever is still sent. */
const LAST_WORDS_MS = 1_000;

function handle(deps: FrontDeps, request: IncomingMessage, response: ServerResponse): void {
  try {
    route(deps, request, response);
  } catch (error) {
    note(`a request failed in the router: ${traceOf(error)}`);
    answerItself(response, 500);
  }
}

function route(deps: FrontDeps, request: IncomingMessage, response: ServerResponse): void {
  const client = connectionOf(request.socket);
  if (client.isDistrusted) return;
  client.obey(deps.trust());
  if (deps.isEnding()) response.shouldKeepAlive = false;
  const target = targetOf(request);
  const refused = refusalOf(request, target);
  if (refused !== null || target === null) {
    client.isDistrusted = true;
    return answerItself(response, refused?.status ?? 400, refused?.reason);
  }
  if (hasBody(request)) lingerAfterAnswer(request, deps.limits.lingerMs);
  const place = deps.place(request, client);
  if (place === null) return answerItself(response, 503);
  const flight = needsDetour(request)
    ? new Detour(place.target, client, { request, target, response, upgrade: null }, deps.limits)
    : new Exchange(place.target, client, target, response);
  flight.cookie = place.cookie;
  flight.start();
}

const needsDetour = (request: IncomingMessage): boolean =>
  expectationOf(request) !== undefined || trailersOf(request) !== undefined || request.url === '*';

function handleUpgrade(deps: FrontDeps, request: IncomingMessage, upgrade: { socket: Duplex; head: Buffer }): void {
  upgrade.socket.on('error', () => upgrade.socket.destroy());
  const target = targetOf(request);
  const refused = refusalOf(request, target);
  if (refused !== null || target === null)
    return answerItself(responseOn(request, upgrade.socket), refused?.status ?? 400, refused?.reason);
  const client = connectionOf(upgrade.socket as Socket);
  if (client.isDistrusted) return void upgrade.socket.destroy();
  client.obey(deps.trust());
  const place = deps.place(request, client);
  if (place === null) return answerItself(responseOn(request, upgrade.socket), 503);
  new Detour(place.target, client, { request, target, response: null, upgrade }, deps.limits).start();
}

/** A request that may pass, given on to Temporal's own Web UI within. */
import http from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { InnerPlaces } from './settings';

/** Of one connection only (RFC 9110 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

export interface Forward {
  readonly inner: InnerPlaces;
  readonly agent: http.Agent;
  /** Our own cookie: nobody behind needs it. */
  readonly hide: string;
}

export function passOn(request: IncomingMessage, response: ServerResponse, { inner, agent, hide }: Forward): void {
  const { method = 'GET', url: path = '/' } = request;
  const headers = withoutHops(request.headers);
  headers['host'] = `${inner.host}:${inner.ui}`;
  headers['cookie'] = (request.headers.cookie ?? '')
    .split(/; */)
    .filter((pair) => !pair.startsWith(`${hide}=`))
    .join('; ');
  const onward = http.request({ host: inner.host, port: inner.ui, agent, method, path, headers });
  onward.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answerHeaders(answer));
    pipeline(answer, response, () => undefined); // either side going away ends the other
  });
  onward.once('error', () => unreachable(response));
  pipeline(request, onward, () => undefined);
  response.once('close', () => onward.destroy());
}

/** The value of a cookie; null where there is none. */
export function cookieOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | null {
  const pair = (headers.cookie ?? '').split(/; */).find((candidate) => candidate.startsWith(`${name}=`));
  return pair === undefined ? null : pair.slice(name.length + 1);
}

/** No other origin is let in by what the server within would allow, and nobody puts it into a frame. */
function answerHeaders(answer: IncomingMessage): OutgoingHttpHeaders {
  const headers = Object.fromEntries(
    Object.entries(withoutHops(answer.headers)).filter(([name]) => !name.startsWith('access-control-')),
  );
  return { ...headers, 'x-frame-options': 'DENY' };
}

function withoutHops(headers: http.IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name) && !named.includes(name)),
  );
}

function unreachable(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('The Web UI does not answer: see `mvca status`.\n');
}

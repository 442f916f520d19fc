/** The Web UI: an HTTP server in front of Temporal's, which has no login. Only for who was let in by `mvca ui`. */
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cookieOf, passOn } from './forward';
import { loggedOutPage, refusedPage } from './pages';
import { Pending } from './pending';
import type { AccountOf } from './peer-account';
import { isOwnRequest, namesOf } from './request-origin';
import { LOGIN_PATH } from './sessions';
import type { Sessions } from './sessions';
import type { InnerPlaces } from './settings';

const HEADERS_MS = 10_000;
/** Uploads nothing large. */
const REQUEST_MS = 60_000;
const MOST_PENDING = 256;

export interface WebUi {
  readonly inner: InnerPlaces;
  readonly sessions: Sessions;
  readonly accountOf: AccountOf;
}

/** Not listening yet. */
export function createWebUi(webUi: WebUi): http.Server {
  const pending = new Pending(MOST_PENDING);
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      response.on('error', () => response.destroy());
      const port = request.socket.localPort ?? 0;
      if (!namesOf(port).includes(request.headers.host ?? '')) return refuse(response, 421, refusedPage('host'));
      const asker = () => webUi.accountOf(request.socket);
      const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
      if (url.pathname === LOGIN_PATH) return logIn(webUi.sessions, { request, response, url, asker });
      const cookie = cookieOf(request, cookieName(port));
      if (cookie === null || !webUi.sessions.isOpen(cookie, asker)) return refuse(response, 401, loggedOutPage());
      pending.prove(request.socket);
      if (!isOwnRequest(request)) return refuse(response, 403, refusedPage('origin'));
      passOn(request, response, { inner: webUi.inner, agent, hide: cookieName(port) });
    },
  );
  server.on('connection', (socket) => pending.add(socket));
  server.on('upgrade', (_request, socket) => void socket.destroy());
  server.on('clientError', (_error, socket) => void socket.destroy());
  return server;
}

/** Two homes share the host, and a host's cookies go to all its ports. */
const cookieName = (port: number): string => `mvca-ui-${port}`;

interface Login {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly asker: () => number | null;
}

function logIn(sessions: Sessions, { request, response, url, asker }: Login): void {
  const port = request.socket.localPort ?? 0;
  const opened = request.method === 'GET' ? sessions.redeem(url.searchParams.get('ticket') ?? '', asker) : null;
  if (opened === null) return refuse(response, 403, refusedPage('ticket'));
  response.writeHead(303, {
    location: opened.page,
    'set-cookie': `${cookieName(port)}=${opened.cookie}; HttpOnly; SameSite=Strict; Path=/`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end();
}

function refuse(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(page);
}

/** `GET /metrics` on an address of its own: the figures of a router and of the runners beside it, for monitoring systems. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { OPEN_METRICS_TYPE, openMetrics, PLAIN_TYPE, plainText, type Family } from '../../domain/metrics/exposition';
import type { Address } from '../../domain/words';
import { note, wordsOf } from '../../system/note';

const RETRY_MS = 1_000;
const HEAD_MS = 5_000;
const HEAD_BYTES = 8 * 1024;
const MOST_CONNECTIONS = 32;

export interface MetricsEndpoint {
  /** Listens there from now on, and nowhere else; null: nowhere. While the address is taken it is tried every second, and said once. */
  listenOn(address: Address | null): void;
  /** Where it listens; null while it does not. */
  address(): Address | null;
  close(): void;
}

/** @param read the families now; asked once at a time, however many ask. */
export function createMetricsEndpoint(read: () => Promise<readonly Family[]>): MetricsEndpoint {
  const shared = oneAtATime(read);
  let current: Address | null = null;
  let server: http.Server | null = null;
  let retry: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(retry);
    server?.close();
    server?.closeAllConnections();
    server = null;
  };

  const start = ({ host, port }: Address): void => {
    const made = http.createServer({ headersTimeout: HEAD_MS, requestTimeout: HEAD_MS, maxHeaderSize: HEAD_BYTES });
    server = made;
    made.maxConnections = MOST_CONNECTIONS;
    made.on('request', (request, response) => void answer(shared, request, response));
    let wasSaid = false;
    made.on('error', (error: NodeJS.ErrnoException) => {
      if (!wasSaid) note(`cannot show metrics on ${host}:${port} (${error.code}); trying every second`);
      wasSaid = true;
      retry = setTimeout(attempt, RETRY_MS).unref();
    });
    const attempt = (): void => {
      if (server === made) made.listen({ host, port });
    };
    attempt();
  };

  return {
    listenOn: (address) => {
      if (current?.host === address?.host && current?.port === address?.port) return;
      current = address;
      stop();
      if (address !== null) start(address);
    },
    address: () => {
      const bound = server?.address() ?? null;
      return bound === null || typeof bound === 'string' ? null : { host: bound.address, port: bound.port };
    },
    close: stop,
  };
}

async function answer(
  read: () => Promise<readonly Family[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== null)
    return void response.writeHead(refusal, { 'content-type': 'text/plain' }).end('See /metrics.\n');
  try {
    const families = await read();
    const isOpen = request.headers.accept?.includes('application/openmetrics-text') === true;
    const text = isOpen ? openMetrics(families) : plainText(families);
    response.writeHead(200, { 'content-type': isOpen ? OPEN_METRICS_TYPE : PLAIN_TYPE });
    response.end(request.method === 'HEAD' ? undefined : text);
  } catch (error) {
    note(`the metrics cannot be told: ${wordsOf(error)}`);
    response.writeHead(500).end();
  }
}

function refusalOf({ method, url }: IncomingMessage): 404 | 405 | null {
  if (url?.split('?')[0] !== '/metrics') return 404;
  return method === 'GET' || method === 'HEAD' ? null : 405;
}

function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return () => (running ??= work().finally(() => (running = null)));
}

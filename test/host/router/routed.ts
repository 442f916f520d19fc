/** A router with real instances behind it, in this process, and nothing left of it afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import http, { type RequestListener, type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseFigures, RouterState, RouterTable } from '../../../domain/host/router';
import type { Address, Weights } from '../../../domain/words';
import { answerAdmin } from '../../../host/router/admin';
import { LIMITS, type RouterLimits } from '../../../host/router/limits';
import { Router } from '../../../host/router/router';
import { writeJson } from '../../../system/durable-file';

export interface Backend {
  readonly server: Server;
  readonly address: Address;
  close(): Promise<void>;
}

export interface Routed {
  readonly router: Router;
  readonly port: number;
  readonly directory: string;
  ask(method: string, path: string, body?: unknown): Promise<RouterState>;
  figures(release?: string): ReleaseFigures;
  /** A server that is closed together with the router. */
  backend(listener: RequestListener): Promise<Backend>;
  close(): Promise<void>;
}

export const emptyTable = (changes: Partial<RouterTable> = {}): RouterTable => ({
  format: 1,
  app: 'shop',
  environment: 'production',
  listen: { host: '127.0.0.1', port: 0 },
  settings: { slowMs: 1_000, drainMs: 10_000 },
  releases: {},
  weights: {},
  lease: null,
  expired: null,
  ...changes,
});

export async function scratchFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'mvca-router-'));
}

export async function startRouted(
  limits: Partial<RouterLimits> = {},
  table: Partial<RouterTable> = {},
): Promise<Routed> {
  const directory = await scratchFolder();
  await writeJson(path.join(directory, 'table.json'), emptyTable(table));
  const router = await Router.open(directory, { ...LIMITS, sweepMs: 20, ...limits });
  await router.listen();
  const backends: Backend[] = [];
  return {
    router,
    port: router.address?.port ?? 0,
    directory,
    ask: (method, place, body) => answerAdmin(router, { method, url: new URL(place, 'http://admin'), body }),
    figures: (release = 'a') => router.state().figures[release] as ReleaseFigures,
    async backend(listener) {
      const backend = await startBackend(listener);
      backends.push(backend);
      return backend;
    },
    async close() {
      await router.close(0);
      await Promise.all(backends.map((backend) => backend.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A router with one release `a` that has all the traffic, and this one instance. */
export async function startWith(listener: RequestListener, limits: Partial<RouterLimits> = {}): Promise<Routed> {
  const routed = await startRouted(limits);
  await serve(routed, { a: [(await routed.backend(listener)).address] }, { a: 100 });
  return routed;
}

export async function serve(
  routed: Routed,
  releases: Readonly<Record<string, readonly Address[]>>,
  weights: Weights,
): Promise<void> {
  for (const [release, instances] of Object.entries(releases))
    await routed.ask('PUT', `/releases/${release}`, { instances });
  await routed.ask('PUT', '/weights', { weights, lease: null });
}

export async function startBackend(listener: RequestListener): Promise<Backend> {
  const server = http.createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    address: addressOf(server),
    close: () => {
      // Upgraded ones are not the server's any more, but hold it open.
      for (const socket of sockets) socket.destroy();
      return closeServer(server);
    },
  };
}

export const addressOf = (server: net.Server): Address => ({
  host: '127.0.0.1',
  port: (server.address() as AddressInfo).port,
});

export async function closeServer(server: net.Server): Promise<void> {
  if ('closeAllConnections' in server) (server as Server).closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly trailers: NodeJS.Dict<string>;
  readonly body: string;
}

/** One request over a connection of its own, or of `agent`. */
export function fetchFrom(
  port: number,
  options: http.RequestOptions & { body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          message: response.statusMessage ?? '',
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          trailers: response.trailers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

export interface RawClient {
  readonly socket: Socket;
  /** What came so far. */
  text(): string;
  /** Resolves with all that came once the other side has closed. */
  readonly ended: Promise<string>;
}

/** Speaks bytes, not HTTP. */
export async function rawClient(port: number, first = ''): Promise<RawClient> {
  const socket = net.connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  if (first !== '') socket.write(first, 'latin1');
  return { socket, text: () => text, ended };
}

/** Sends bytes and answers what came until the other side closed, or `until` came. */
export async function rawExchange(port: number, bytes: string, until?: string): Promise<string> {
  const client = await rawClient(port, bytes);
  if (until !== undefined) await poll('the answer came', () => client.text().includes(until));
  const text = until === undefined ? await client.ended : client.text();
  client.socket.destroy();
  return text;
}

export async function poll(what: string, isSo: () => unknown, withinMs = 100_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; ; await sleep(5)) {
    if (await isSo()) return;
    if (Date.now() > deadline) throw new Error(`it never came that ${what}`);
  }
}

export const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCounting } from '../../scripts/counting-client';
import type { CountingClient } from '../../scripts/counting-client';
import type { Counts } from '../../scripts/counts';

let server: http.Server;
let url: string;
const seen: Record<string, number> = {};
let sockets = 0;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const key = `${request.method} ${request.url}`;
    seen[key] = (seen[key] ?? 0) + 1;
    answer(request, response);
  });
  server.on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  sockets = 0;
  for (const key of Object.keys(seen)) delete seen[key];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.setHeader('x-app-version', '1.2.3');
  switch (request.url) {
    case '/reset':
      return void request.socket.destroy();
    case '/cut':
      response.writeHead(200, { 'content-length': 100 });
      response.write('only half');
      return void setTimeout(() => request.socket.destroy(), 5);
    case '/slow':
      return void setTimeout(() => response.end('late'), 400);
    case '/never':
      return;
    case '/echo':
      return void request.pipe(response.writeHead(201));
    default:
      response.statusCode = Number(request.url?.slice(1)) || 200;
      return void response.end('ok');
  }
}

const kind = (path: string, share = 1) => ({ method: 'GET' as const, path, share });

/** Until `requests` were sent, whatever the machine is doing. */
async function runUntil(client: CountingClient, requests: number, section?: string): Promise<void> {
  while (client.snapshot(section).requests < requests) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function count(paths: readonly string[], requests: number, timeoutMs = 10_000): Promise<Counts> {
  const client = startCounting({ url, perSecond: 500, mix: paths.map((path) => kind(path)), timeoutMs });
  await runUntil(client, requests);
  return client.stop();
}

const sum = (record: Readonly<Record<string, number>>) => Object.values(record).reduce((a, b) => a + b, 0);

test('every request is counted once: answered well, or failed by status or error code', async () => {
  const counts = await count(['/200', '/500', '/404', '/reset', '/cut'], 100);
  expect(counts.inFlight).toBe(0);
  expect(counts.ok + counts.failures).toBe(counts.requests);
  expect(sum(counts.failed)).toBe(counts.failures);
  expect(sum(seen)).toBe(counts.requests);
  expect(counts.failed['500']).toBe(seen['GET /500']);
  expect(counts.failed['404']).toBe(seen['GET /404']);
  expect(counts.failed['ECONNRESET']).toBe((seen['GET /reset'] ?? 0) + (seen['GET /cut'] ?? 0));
});

test('answers are counted by the version that gave them', async () => {
  const counts = await count(['/200', '/500'], 40);
  expect(counts.byVersion).toEqual({ '1.2.3': counts.requests });
});

test('shares are exact: 12 in every 100', async () => {
  const client = startCounting({ url, perSecond: 1000, mix: [kind('/200', 88), kind('/500', 12)] });
  await runUntil(client, 300);
  const { requests, failures } = await client.stop();
  expect(Math.abs(failures - requests * 0.12)).toBeLessThanOrEqual(1);
});

test('slow answers delay no other request, and their latency is told', async () => {
  const counts = await count(['/slow'], 150);
  expect(counts.ok).toBe(counts.requests);
  expect(counts.latencyMs.p50).toBeGreaterThanOrEqual(395);
  expect(sockets).toBeGreaterThan(20);
});

test('connections are kept alive', async () => {
  await count(['/200'], 300);
  expect(sockets).toBeLessThan(100);
});

test('no answer within the time limit is a failure of its own kind', async () => {
  const counts = await count(['/never'], 20, 100);
  expect(counts.failed).toEqual({ ETIMEDOUT: counts.requests });
});

test('nobody listening is a failure of its own kind', async () => {
  const client = startCounting({ url: 'http://127.0.0.1:1', perSecond: 200, mix: [kind('/')] });
  await runUntil(client, 10);
  const counts = await client.stop();
  expect(counts.failed).toEqual({ ECONNREFUSED: counts.requests });
  expect(counts.samples[0]).toMatchObject({ request: 'GET /', what: 'ECONNREFUSED' });
});

test('a body goes out whole with its length', async () => {
  const mix = [{ method: 'POST' as const, path: '/echo', body: '{"ü":1}', share: 1 }];
  const client = startCounting({ url, perSecond: 200, mix });
  await runUntil(client, 5);
  const counts = await client.stop();
  expect(counts.ok).toBe(counts.requests);
});

test('sections count apart what was sent within them', async () => {
  const client = startCounting({ url, perSecond: 500, mix: [kind('/200')] });
  client.mark('a');
  await runUntil(client, 20, 'a');
  client.mark('b');
  await runUntil(client, 20, 'b');
  const all = await client.stop();
  expect(client.snapshot('a').requests + client.snapshot('b').requests).toBe(all.requests);
  expect(() => client.snapshot('c')).toThrow('there is no section `c`; there are: a, b');
});

test('the first and the last failure have their times', async () => {
  const before = Date.now();
  const counts = await count(['/500'], 30);
  expect(counts.firstBadAt).toBeGreaterThanOrEqual(before);
  expect(counts.lastBadAt).toBeGreaterThan(counts.firstBadAt ?? Infinity);
  expect(counts.lastBadAt).toBeLessThanOrEqual(Date.now());
});

test('a mix without shares and a rate of nothing are refused', () => {
  expect(() => startCounting({ url, perSecond: 10, mix: [] })).toThrow('share above 0');
  expect(() => startCounting({ url, perSecond: 0, mix: [kind('/')] })).toThrow('must be above 0');
});

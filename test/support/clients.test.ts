import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { startEchoClient, startEventReader, startParallelClients, upload } from './clients';

let server: http.Server;
let address: string;
let failing = false;

beforeAll(async () => {
  server = http.createServer(answer);
  const sockets = new WebSocketServer({ server, path: '/echo' });
  sockets.on('connection', (socket) => {
    let messages = 0;
    socket.on('message', (data, isBinary) => {
      messages += 1;
      if (messages === 5) socket.close(1001);
      else if (messages < 5) socket.send(data, { binary: isBinary });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.url === '/checksum') {
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk)).on('end', () => response.end(hash.digest('hex')));
  } else if (request.url === '/events') {
    // Ten events a stream, one number left out in each.
    const first = Number(request.headers['last-event-id'] ?? 0) + 1;
    const ids = Array.from({ length: 11 }, (_, index) => first + index).filter((id) => id !== first + 5);
    response.end(ids.map((id) => `id: ${id}\ndata: x\n\n`).join(''));
  } else {
    response.writeHead(failing ? 503 : 200, { 'x-app-version': '1.0.0' }).end('ok');
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

test('parallel clients count good and bad answers', async () => {
  const clients = startParallelClients({ url: `http://${address}`, path: '/', clients: 50 });
  await until(() => clients.snapshot().ok > 200);
  failing = true;
  await until(() => (clients.snapshot().failed['503'] ?? 0) > 50);
  const counts = await clients.stop();
  failing = false;
  expect(counts.ok + (counts.failed['503'] ?? 0)).toBe(counts.requests);
  expect(counts.byVersion).toEqual({ '1.0.0': counts.requests });
});

test('an upload knows the checksum of what it sent', async () => {
  const result = await upload({ url: `http://${address}/checksum`, bytes: 5_000_001 });
  expect(result).toMatchObject({ status: 200, bytes: 5_000_001, answer: result.sha256 });
});

test('a reader of events comes back after the end, and counts the numbers left out', async () => {
  const reader = startEventReader(`http://${address}/events`);
  await until(() => reader.snapshot().reconnects >= 3);
  const counts = await reader.stop();
  expect(counts.gaps).toBe(counts.events / 10);
  expect(counts).toMatchObject({ repeats: 0, broken: [] });
});

test('an echo client sends again what a closing connection left unanswered', async () => {
  const client = startEchoClient({ url: `ws://${address}/echo`, everyMs: 5 });
  await until(() => (client.snapshot().closes['1001'] ?? 0) >= 2 && client.snapshot().echoed > 8);
  const counts = await client.stop();
  expect(counts.wrong).toBe(0);
  expect(counts.resent).toBeGreaterThan(0);
});

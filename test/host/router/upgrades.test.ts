/** WebSockets and other upgrades. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { fetchFrom, poll, rawClient, rawExchange, readAll, serve, startRouted, type Routed } from './routed';

let routed: Routed;
let sockets: WebSocketServer;
let onUpgrade: ((request: IncomingMessage, socket: Socket) => void) | null = null;

beforeAll(async () => {
  routed = await startRouted({ halfOpenMs: 200 });
  const { server, address } = await routed.backend(async (request, response) => {
    const body = await readAll(request);
    response.end(`${request.headers.upgrade ?? 'plain'} ${body.toString()}`);
  });
  sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (onUpgrade !== null) return onUpgrade(request, socket);
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.send(
        `${request.url} ${String(request.headers['x-forwarded-for'])} ${String(request.headers['sec-websocket-protocol'])}`,
      );
      opened.on('message', (data: Buffer, isBinary) => opened.send(data, { binary: isBinary }));
    });
  });
  await serve(routed, { a: [address] }, { a: 100 });
});
beforeEach(() => (onUpgrade = null));
afterAll(() => routed.close());

const open = async (path = '/', protocols: string[] = []): Promise<{ socket: WebSocket; messages: Buffer[] }> => {
  const socket = new WebSocket(`ws://127.0.0.1:${routed.port}${path}`, protocols);
  const messages: Buffer[] = [];
  socket.on('message', (data: Buffer) => messages.push(data));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  await poll('the greeting came', () => messages.length > 0);
  return { socket, messages };
};

test('a WebSocket is opened, with its path, and messages pass in both directions', async () => {
  const { socket, messages } = await open('/chat?room=1', ['v1']);
  expect(messages[0]?.toString()).toBe('/chat?room=1 127.0.0.1 v1');
  socket.send('hello');
  const large = Buffer.alloc(2_000_000, 7);
  socket.send(large);
  await poll('both came back', () => messages.length === 3);
  expect(messages[1]?.toString()).toBe('hello');
  expect(messages[2]?.equals(large)).toBe(true);
  expect(routed.figures()).toMatchObject({ streams: 1, inFlight: 1 });
  socket.close();
  await poll('it ended', () => routed.figures().inFlight === 0);
  expect(routed.figures()).toMatchObject({ streams: 0, resets: 0, clientAborts: 0, statuses: { 101: 1 } });
});

test('a close code of the instance reaches the client', async () => {
  const { socket } = await open();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const client of sockets.clients) client.close(4_001, 'enough');
  expect(await closed).toBe(4_001);
});

test('a client that disappears is noticed by the instance', async () => {
  const { socket } = await open();
  await poll('the instance has it', () => sockets.clients.size === 1);
  socket.terminate();
  await poll('the instance lost it', () => sockets.clients.size === 0);
});

test('an instance that disappears is noticed by the client', async () => {
  const { socket } = await open();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const client of sockets.clients) client.terminate();
  expect(await closed).toBe(1_006);
});

test('a refused upgrade is answered as the instance answers it', async () => {
  onUpgrade = (_, socket) =>
    socket.end('HTTP/1.1 401 Unauthorized\r\nX-Why: none\r\nContent-Length: 4\r\nConnection: close\r\n\r\nkey?');
  const text = await rawExchange(
    routed.port,
    'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\nX-Why: none/);
  expect(text).toMatch(/key\?$/);
});

test('an upgrade to another protocol carries its bytes, also those sent at once', async () => {
  onUpgrade = (request, socket) => {
    expect(request.headers.upgrade).toBe('mine/1');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mine/1\r\n\r\nwelcome ');
    socket.on('data', (data) => socket.write(data.toString().toUpperCase()));
  };
  const client = await rawClient(
    routed.port,
    'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: mine/1\r\n\r\nearly ',
  );
  await poll('early bytes came back', () => client.text().includes('welcome EARLY '));
  client.socket.write('late');
  await poll('late bytes came back', () => client.text().endsWith('LATE'));
  client.socket.end();
  // This instance never closes its side: the router does, when it has been silent for long enough.
  await client.ended;
  await poll('it ended', () => routed.figures().inFlight === 0);
});

test('an offer of HTTP/2 is not taken: the request is served as it stands', async () => {
  const text = await rawExchange(
    routed.port,
    'POST / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: 4\r\n\r\nbody',
    'plain body',
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('an upgrade that no instance takes is answered', async () => {
  const routedToNobody = await startRouted();
  await serve(routedToNobody, { a: [{ host: '127.0.0.1', port: 1 }] }, { a: 100 });
  const text = await rawExchange(
    routedToNobody.port,
    'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(text).toMatch(/^HTTP\/1\.1 502 /);
  expect(routedToNobody.figures()).toMatchObject({ connectErrors: 1, inFlight: 0 });
  await serve(routedToNobody, {}, { a: 0 });
  expect(
    await rawExchange(
      routedToNobody.port,
      'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ),
  ).toMatch(/^HTTP\/1\.1 503 /);
  await routedToNobody.close();
});

test('ordinary requests go on beside open WebSockets', async () => {
  const { socket } = await open();
  expect((await fetchFrom(routed.port)).body).toBe('plain ');
  socket.close();
  await poll('it ended', () => routed.figures().inFlight === 0);
});

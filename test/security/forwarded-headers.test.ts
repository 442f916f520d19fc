/** A client that says it is somebody else, and one that takes all connections. */
import net, { type Socket } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { Places } from '../../host/router/places';
import { poll, rawClient, rawExchange, serve, startRouted, type Routed } from '../host/router/routed';

let routed: Routed;
let seen: IncomingHttpHeaders = {};
const settings = { slowMs: 1_000, drainMs: 1_000 };

async function start(limits: { connections?: number } = {}): Promise<void> {
  routed = await startRouted(limits);
  const { server, address } = await routed.backend((request, response) => {
    seen = request.headers;
    response.end('ok');
  });
  server.on('upgrade', (request, socket) => {
    seen = request.headers;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });
  await serve(routed, { a: [address] }, { a: 100 });
}
afterEach(() => routed.close());

const FORGED = [
  ['X-Forwarded-For', '203.0.113.9'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'forged.example.com'],
  ['X-Forwarded-Port', '443'],
  ['X-Forwarded-Prefix', '/admin'],
  ['X-Forwarded-Ssl', 'on'],
  ['X-Forwarded-Client-Cert', 'Subject=root'],
  ['X-Real-IP', '203.0.113.9'],
  ['Forwarded', 'for=203.0.113.9;proto=https'],
  ['x_forwarded_for', '203.0.113.9'],
  ['X_Real_IP', '203.0.113.9'],
] as const;

const OURS = {
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'shop',
  'x-real-ip': '127.0.0.1',
  forwarded: 'for=127.0.0.1;host="shop";proto=http',
};

/** Ways into the router's two carriers. */
const WAYS = {
  'an ordinary request': [],
  'a request that expects 100-continue': ['Expect: 100-continue'],
  'an upgrade': ['Connection: Upgrade', 'Upgrade: websocket'],
} as const;

async function ask(more: readonly string[] = []): Promise<Record<string, unknown>> {
  const forged = FORGED.map(([name, value]) => `${name}: ${value}`);
  await rawExchange(routed.port, ['GET / HTTP/1.1', 'Host: shop', ...forged, ...more, '', ''].join('\r\n'), 'ok');
  return Object.fromEntries(Object.entries(seen).filter(([name]) => /forwarded|real.ip/.test(name)));
}

test.each(Object.entries(WAYS))(
  '%s of a client that is no listed proxy tells the instance nothing forged',
  async (_, more) => {
    await start();
    expect(await ask(more)).toEqual(OURS);
    await routed.ask('PUT', '/settings', { ...settings, trust: ['10.0.0.0/8', '127.0.0.2', '::1'] });
    expect(await ask(more)).toEqual(OURS);
  },
);

test.each(['127.0.0.1', '127.0.0.0/8', '0.0.0.0/0'])(
  'a proxy that `trust` lists by %s is believed, and added',
  async (network) => {
    await start();
    await routed.ask('PUT', '/settings', { ...settings, trust: ['2001:db8::/32', network] });
    expect(await ask()).toMatchObject({
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'forged.example.com',
      'x-forwarded-port': '443',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9;proto=https, for=127.0.0.1;host="shop";proto=http',
    });
  },
);

test('the list holds from the next request on, also on a connection that is open', async () => {
  await start();
  const request = 'GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n';
  const client = await rawClient(routed.port, request);
  await poll('the first was answered', () => client.text().includes('ok'));
  expect(seen['x-forwarded-for']).toBe('127.0.0.1');
  await routed.ask('PUT', '/settings', { ...settings, trust: ['127.0.0.1'] });
  client.socket.write(request);
  await poll('the second was answered', () => client.text().split('ok').length === 3);
  expect(seen['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.1');
  client.socket.destroy();
});

test.each([['10.0.0.0/33'], ['::1/129'], ['shop.example.com'], ['10.0.0'], ['10.0.0.0/8/8'], [7]])(
  '`trust` does not take %s',
  async (network) => {
    await start();
    await expect(routed.ask('PUT', '/settings', { ...settings, trust: [network] })).rejects.toThrow(/trust\[0\] is/);
  },
);

/** Connections from one address of this machine, each open when it is answered. */
async function connections(count: number, localAddress: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i += 1) {
    const socket = net.connect({ port: routed.port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    sockets.push(socket);
  }
  return sockets;
}

const open = () => routed.router.state().connections?.open;
const refused = () => routed.router.state().connections?.refused;

async function askFrom(localAddress: string): Promise<string> {
  const [socket] = await connections(1, localAddress);
  if (socket === undefined) throw new Error('no connection');
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** Whom each address stands for: somebody who has it has the others of its line as well. */
const CLIENTS = [
  ['192.0.2.1'],
  ['192.0.2.2'],
  ['127.0.0.1', '127.0.0.2', '127.255.255.254'],
  ['2001:db8::1', '2001:db8::ffff:1:2', '2001:db8:0:0:1::'],
  ['2001:db8:0:1::1'],
];

test.each(CLIENTS)('who has many addresses (%s …) gets no more places by them, and all others are served', (...own) => {
  const places = new Places(64);
  const rule = { isProxy: false, most: null };
  const taken = Array.from({ length: 64 }, (_, at) => places.take(own[at % own.length] ?? '', rule));
  expect(taken.filter(Boolean)).toHaveLength(32);
  for (const [address = ''] of CLIENTS.filter(([first]) => first !== own[0]))
    expect([address, places.take(address, rule)]).toEqual([address, true]);
});

test('one machine that holds half of all places gets no more, by whatever address of it; no release is blamed', async () => {
  await start({ connections: 64 });
  const greedy = await connections(40, '127.0.0.3');
  await poll('those above the half are refused', () => refused() === 8);
  expect(open()).toBe(32);
  expect(await askFrom('127.0.0.3')).toMatch(/^HTTP\/1\.1 503 [^]*too many from your address/);
  expect(await askFrom('127.0.0.4')).toMatch(/^HTTP\/1\.1 503 [^]*too many from your address/);
  expect(routed.figures()).toMatchObject({ requests: 0, connectErrors: 0, resets: 0, statuses: {} });
  for (const socket of greedy) socket.destroy();
  await poll('their places are free', () => open() === 0);
  expect(await askFrom('127.0.0.3')).toMatch(/^HTTP\/1\.1 200 /);
});

test('`connections` is the most of one address, and a listed proxy may have more', async () => {
  await start({ connections: 64 });
  await routed.ask('PUT', '/settings', { ...settings, connections: 3, trust: ['127.0.0.5'] });
  const held = [...(await connections(5, '127.0.0.3')), ...(await connections(5, '127.0.0.5'))];
  await poll('two of the client were refused', () => refused() === 2);
  expect(open()).toBe(8);
  for (const socket of held) socket.destroy();
});

test('a refused connection gets its answer whatever it goes on sending, and is closed', async () => {
  await start({ connections: 64 });
  await routed.ask('PUT', '/settings', { ...settings, connections: 1 });
  const [first] = await connections(1, '127.0.0.1');
  const client = await rawClient(routed.port, 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 900000\r\n\r\n');
  expect(await client.ended).toMatch(/^HTTP\/1\.1 503 /);
  expect(routed.figures().requests).toBe(0);
  first?.destroy();
});

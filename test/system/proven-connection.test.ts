/** Connections that nobody but the instance answers, with listeners that come and go in the worst moments. */
import { spawn, type ChildProcess } from 'node:child_process';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { proveListener } from '../../system/listener-proof';
import { identify, type ProcessIdentity } from '../../system/process-identity';
import { createProvenConnect, openTo } from '../../system/proven-connection';
import { listenersAtLoopback, listensStill } from '../../system/tcp-table';
import { until } from '../host/place';
import { runAs, whyNoOtherAccount } from '../support/other-account';
import { freePort } from '../support/ports';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

const asOther = whyNoOtherAccount() === null ? test : test.skip;
const me = identify(process.pid);
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function listen(port: number, host = '127.0.0.1'): Promise<Server & { readonly seen: Socket[] }> {
  const seen: Socket[] = [];
  const server = Object.assign(
    net.createServer((socket) => void seen.push(socket)),
    { seen },
  );
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve));
  ended.push(() => close(server));
  return server;
}

async function close(server: Server & { readonly seen: Socket[] }): Promise<void> {
  for (const socket of server.seen) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const find = () => Promise.resolve({ process: me, launching: false });

afterAll(removeScratch);

/** Starts a command that listens; in a group of its own, as instances are. */
async function instance(argv: readonly [string, ...string[]], port: number): Promise<ProcessIdentity> {
  const child: ChildProcess = spawn(argv[0], argv.slice(1), { detached: true, stdio: 'ignore' });
  const { pid = 0 } = child;
  ended.push(() => process.kill(-pid, 'SIGKILL'));
  await until('it listens', () => listenersAtLoopback(port).length > 0);
  return identify(pid) as ProcessIdentity;
}

const script = (port: number, host = '127.0.0.1'): string =>
  `require('node:net').createServer().listen({ port: ${port}, host: '${host}' })`;

/** A worker starts the file of its primary. */
function clusterScript(): string {
  const folder = scratch();
  const lines = [
    `const c = require('node:cluster');`,
    `if (c.isPrimary) { c.setupPrimary({ args: process.argv.slice(2) }); c.fork(); c.fork(); }`,
    `else require('node:http').createServer().listen(Number(process.argv[2]), '127.0.0.1');`,
  ];
  writeFiles(folder, { 'cluster.js': lines.join('\n') });
  return path.join(folder, 'cluster.js');
}

test('one that listened already is still there until it closes', async () => {
  const server = await listen(0);
  const [socket, ...more] = listenersAtLoopback(portOf(server));
  expect(more).toEqual([]);
  expect(socket).toMatchObject({ table: 'tcp', uid: process.getuid?.() });
  if (socket === undefined) throw new Error('it was expected to be found');
  expect(listensStill(socket)).toBe(true);
  await close(server);
  expect(listensStill(socket)).toBe(false);
  expect(proveListener(me, socket.port)).toEqual({ kind: 'nobody' });
});

test.each(['127.0.0.1', '0.0.0.0', '::', '::ffff:127.0.0.1'])('a listener on %s is met at 127.0.0.1', async (host) => {
  const port = await freePort();
  await listen(port, host);
  expect(proveListener(me, port)).toMatchObject({ kind: 'proven' });
});

test.each(['127.0.0.2', '::1'])('a listener on %s is not', async (host) => {
  const port = await freePort();
  await listen(port, host);
  expect(proveListener(me, port)).toEqual({ kind: 'nobody' });
});

test.each<readonly [string, (port: number) => readonly [string, ...string[]]]>([
  ['the process itself', (port) => [process.execPath, '-e', script(port)]],
  ['a child of a shell', (port) => ['sh', '-c', `"${process.execPath}" -e "${script(port)}"; exit $?`]],
  [
    'a child in a session of its own',
    (port) => ['sh', '-c', `setsid -w "${process.execPath}" -e "${script(port)}"; :`],
  ],
  ['the primary of a cluster', (port) => [process.execPath, clusterScript(), String(port)]],
])('the listener may be %s', async (_, argv) => {
  const port = await freePort();
  const leader = await instance(argv(port), port);
  expect(proveListener(leader, port)).toMatchObject({ kind: 'proven' });
  expect(proveListener(null, port)).toMatchObject({ kind: 'foreign' });
});

test('a process beside the instance is not the instance, whatever account it has', async () => {
  const [port, other] = [await freePort(), await freePort()];
  const beside = await instance([process.execPath, '-e', script(port)], port);
  await instance([process.execPath, '-e', script(other)], other);
  expect(proveListener(beside, other)).toMatchObject({
    kind: 'foreign',
    holder: expect.stringMatching(/\(uid \d+\)$/),
  });
  const stale = { pid: beside.pid, started: `${beside.started}0` };
  expect(proveListener(stale, port)).toMatchObject({ kind: 'foreign' });
});

asOther('an instance that runs as another account is proven, and a third account is not it', async () => {
  const [port, other] = [await freePort(), await freePort()];
  const wrapped = [
    'setpriv',
    '--reuid',
    'daemon',
    '--regid',
    'daemon',
    '--clear-groups',
    process.execPath,
    '-e',
  ] as const;
  const leader = await instance([...wrapped, script(port)], port);
  expect(proveListener(leader, port)).toMatchObject({ kind: 'proven' });
  const third = runAs('nobody', `${script(other)}.on('listening', () => console.log('listens'))`);
  ended.push(() => third.end());
  await until('it listens', () => third.lines().includes('listens'));
  expect(proveListener(leader, other)).toEqual({ kind: 'foreign', holder: 'a process of nobody (uid 65534)' });
});

test('a connection that another took, whose listener is gone again before it is looked at, is not used', async () => {
  const first = await listen(0);
  const port = portOf(first);
  const open = openTo({ host: '127.0.0.1', port }, 5_000);
  const connect = createProvenConnect(port, find);
  (await connect(open)).destroy();

  let swaps = 0;
  let thief: Awaited<ReturnType<typeof listen>> | undefined;
  const openMeanwhile = async (): Promise<Socket> => {
    if ((swaps += 1) > 1) return open();
    await close(first);
    thief = await listen(port);
    const socket = await open();
    thief.close(); // the connection stays with it
    await listen(port);
    return socket;
  };
  const socket = await connect(openMeanwhile);
  expect(swaps).toBe(2);
  expect(thief?.seen.map(({ remotePort }) => remotePort)).not.toContain(socket.localPort);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test('before the runner has written down whom it started, a connection waits', async () => {
  const server = await listen(0);
  let asked = 0;
  const connect = createProvenConnect(portOf(server), () =>
    Promise.resolve((asked += 1) < 3 ? { process: null, launching: true } : { process: me, launching: false }),
  );
  (await connect(openTo({ host: '127.0.0.1', port: portOf(server) }, 5_000))).destroy();
  expect(asked).toBe(3);
});

test('many refused connections look once in a while, and each is refused', async () => {
  const server = await listen(0);
  let asked = 0;
  const connect = createProvenConnect(portOf(server), () => {
    asked += 1;
    return Promise.resolve(null);
  });
  const open = openTo({ host: '127.0.0.1', port: portOf(server) }, 5_000);
  for (let i = 0; i < 50; i += 1) await expect(connect(open)).rejects.toMatchObject({ code: 'EFOREIGN' });
  expect(asked).toBeLessThan(25);
  await sleep(0);
  expect(server.seen).toEqual([]);
});

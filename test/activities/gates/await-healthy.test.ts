import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCheckOf } from '../../../activities/gates';
import { awaitHealthy } from '../../../activities/gates/await-healthy';
import type { InstanceStatus } from '../../../domain/host/runner';
import type { HealthSpec } from '../../../domain/spec/spec';
import { freePort } from '../../support/ports';
import { failureOf } from '../../support/in-activity';
import { environmentSpec } from '../../support/specs';
import { toThisProcess } from '../../support/this-process';

const children: ChildProcess[] = [];
const servers: http.Server[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) server.close();
});

const health: HealthSpec = { ...environmentSpec().health, everyMs: 50, timeoutMs: 300, startMs: 600 };
const running = (port: number, change: Partial<InstanceStatus> = {}): InstanceStatus => ({
  instance: 0,
  state: 'running',
  pid: null,
  port,
  restarts: 0,
  startedAt: 0,
  lastExit: null,
  cpu: null,
  memoryBytes: null,
  ...change,
});

function wait(
  port: number,
  instances: () => readonly InstanceStatus[],
  change: Partial<HealthSpec> = {},
  signal = new AbortController().signal,
): Promise<void> {
  return awaitHealthy({
    addresses: [{ host: '127.0.0.1', port }],
    check: createCheckOf(toThisProcess)({ app: 'shop', environment: 'production', release: 'r1' }),
    health: { ...health, ...change },
    signal,
    release: async () => ({ instances: instances() }),
    lastLines: async () => ['Error: no tea'],
    tell: (line) => told.push(line),
  });
}
const told: string[] = [];

async function server(answer: http.RequestListener): Promise<number> {
  const made = http.createServer(answer);
  servers.push(made);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

/** A process that leads its own group, as instances do, and prints `ready`. */
async function application(script: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', `${script};setInterval(()=>{},1000)`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child.pid ?? 0;
}

test('A release that becomes healthy is waited for', async () => {
  let asked = 0;
  const port = await server((_request, response) => response.writeHead(asked++ < 2 ? 503 : 200).end());
  await wait(port, () => [running(port)], { startMs: 30_000 });
  expect(told).toContain('0 of 1 healthy (answered 503, expected 200)');
  expect(told.at(-1)).toBe('1 of 1 healthy');
});

test('An application that never listens is told as such, with what it said', async () => {
  const port = await freePort();
  const pid = await application("console.log('ready')");
  const failure = await failureOf(wait(port, () => [running(port, { pid })]));
  expect(failure).toMatchObject({ type: 'StartFailed', final: true });
  expect(failure.message).toContain(
    `not healthy within 0.6 s (health.start): instance 0 runs and listens on no port; it was told ${port}`,
  );
  expect(failure.message).toContain('It said last:\n  Error: no tea');
});

test('An application that listens on another port is told with that port', async () => {
  const [port, other] = [await freePort(), await freePort()];
  const pid = await application(`require('http').createServer().listen(${other},()=>console.log('ready'))`);
  const failure = await failureOf(wait(port, () => [running(port, { pid })]));
  expect(failure.message).toContain(`instance 0 listens on port ${other}, and not on ${port} that it was told`);
  expect(failure.message).toContain('platform.port');
});

test('An application that exits at once is given up before the deadline', async () => {
  const port = await freePort();
  let restarts = 0;
  const instances = () => [
    running(port, { state: 'backing-off', restarts: restarts++, lastExit: { code: 1, signal: null, at: 0 } }),
  ];
  const begun = Date.now();
  const failure = await failureOf(wait(port, instances, { startMs: 60_000 }));
  expect(failure).toMatchObject({
    type: 'StartFailed',
    message: expect.stringContaining('instance 0 exited with code 1 and was started again 3 times'),
  });
  expect(Date.now() - begun).toBeLessThan(30_000);
});

test('An application whose health check is a redirect is told so', async () => {
  const port = await server((_request, response) => response.writeHead(302, { location: '/login' }).end());
  const failure = await failureOf(wait(port, () => [running(port)]));
  expect(failure.message).toContain(
    'answered 302 (to /login; redirects are not followed), expected 200 to GET /healthz',
  );
});

test('An application that does not answer is told so', async () => {
  const port = await server(() => undefined);
  const failure = await failureOf(wait(port, () => [running(port)]));
  expect(failure.message).toContain('gave no answer within 300 ms to GET /healthz');
});

test('Cancellation ends the waiting', async () => {
  const port = await server(() => undefined);
  const ended = new AbortController();
  setTimeout(() => ended.abort(), 100);
  await expect(wait(port, () => [running(port)], { startMs: 60_000 }, ended.signal)).rejects.toThrow(
    'cancelled while waiting',
  );
});

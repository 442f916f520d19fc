/**
 * An instance for benches: `backend.js <name> <ms> [slow]`. It answers after that many milliseconds, with `slow` one in a hundred
 * after 200. Prints its port, and on SIGTERM `{ requests, lastAt }`: how many requests came, and when the last one did.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const SLOW_MS = 200;
const CLOSE_IDLE_MS = 20;

const [name, ms, slow] = process.argv.slice(2);
const everyMs = Number(ms);
let requests = 0;
let lastAt = 0;

const server = http.createServer((_, response) => {
  requests += 1;
  lastAt = performance.timeOrigin + performance.now();
  const end = (): void => void response.setHeader('x-app-version', name ?? '').end('hello world');
  const wait = slow === 'slow' && requests % 100 === 0 ? SLOW_MS : everyMs;
  if (wait === 0) end();
  else setTimeout(end, wait);
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  console.log(String((server.address() as AddressInfo).port));
  console.log('ready');
});
process.once('SIGTERM', () => {
  server.close(() => {
    console.log(JSON.stringify({ requests, lastAt }));
    process.exit(0);
  });
  setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
});

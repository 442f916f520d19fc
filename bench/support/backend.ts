/** An instance for benches: `backend.js <port> <name> <ms> [slow]`. Prints on SIGTERM when its last request came, and how many came. */
import http from 'node:http';

const SLOW_MS = 200;

const [port, name, ms, slow] = process.argv.slice(2);
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
server.listen(Number(port), '127.0.0.1', 4_096, () => console.log('ready'));
process.once('SIGTERM', () => {
  console.log(JSON.stringify({ requests, lastAt }));
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

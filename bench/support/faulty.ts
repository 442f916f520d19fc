/**
 * An instance that goes bad: it answers on PORT after 20 ms, and FAULT_AFTER seconds after its first request for `/work` it does what
 * FAULT says. Its health stays green as long as it lives. As a program of its own it prints the port that it chose.
 */
import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const USUAL_MS = 20;
const { PORT = '0', FAULT = 'none', FAULT_AFTER = '0', APP_VERSION = 'new' } = process.env;
/** An instance that crashed once crashes again soon after each start. */
const CRASHED = 'crashed';
const AGAIN_MS = 500;

type Respond = (response: http.ServerResponse, ms: number, status: number) => void;

const after: Respond = (response, ms, status) =>
  void setTimeout(() => response.writeHead(status, { 'x-app-version': APP_VERSION }).end('done\n'), ms);

const failing =
  (share: number) =>
  (response: http.ServerResponse): void =>
    after(response, USUAL_MS, Math.random() < share ? 500 : 200);

const FAULTS: Readonly<Record<string, (response: http.ServerResponse) => void>> = {
  none: failing(0),
  'errors-12': failing(0.12),
  'errors-50': failing(0.5),
  'errors-100': failing(1),
  slow: (response) => after(response, 3 * USUAL_MS, 200),
  hang: () => undefined,
  crash: () => {
    writeFileSync(CRASHED, '');
    process.exit(1);
  },
};

const good = failing(0);
const bad = FAULTS[FAULT] ?? good;
let firstAt: number | null = null;

const server = http.createServer((request, response) => {
  if (request.url !== '/work') return after(response, 0, 200);
  firstAt ??= performance.now();
  const isBad = performance.now() - firstAt >= Number(FAULT_AFTER) * 1_000;
  (isBad ? bad : good)(response);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(String((server.address() as AddressInfo).port));
  console.log('ready');
});
if (FAULT === 'crash' && existsSync(CRASHED)) setTimeout(() => process.exit(1), AGAIN_MS);
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 50);
  setTimeout(() => process.exit(0), 1_000).unref();
});

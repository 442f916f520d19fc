/**
 * Clients on kept connections, each sending its next request when the last was answered, every fifth a POST; nothing is retried.
 * `crowd-client.js <port> <connections>` prints `{ requests, failed: { what: count } }` ten times a second, and last on SIGTERM.
 */
import http from 'node:http';

const PRINT_MS = 100;
const TIMEOUT_MS = 10_000;

const [port, connections] = process.argv.slice(2).map(Number) as [number, number];
const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
const failed: Record<string, number> = {};
let requests = 0;
let isOn = true;

/** Resolves with null for a whole answer with 200, else with what was wrong. */
function send(method: 'GET' | 'POST'): Promise<string | null> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    const request = http.request({ host: '127.0.0.1', port, agent, method, timeout: TIMEOUT_MS }, (response) => {
      response.on('error', fail).resume();
      response.on('end', () => resolve(response.statusCode === 200 ? null : String(response.statusCode)));
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    request.on('error', fail);
    request.end(method === 'POST' ? 'body' : undefined);
  });
}

async function client(): Promise<void> {
  while (isOn) {
    requests += 1;
    const failure = await send(requests % 5 === 0 ? 'POST' : 'GET');
    if (failure !== null) failed[failure] = (failed[failure] ?? 0) + 1;
  }
}

const print = (): void => console.log(JSON.stringify({ requests, failed }));
const clients = Array.from({ length: connections }, client);
const printer = setInterval(print, PRINT_MS);
console.log('ready');
process.once('SIGTERM', () => {
  isOn = false;
  void Promise.all(clients).then(() => {
    clearInterval(printer);
    print();
    agent.destroy();
  });
});

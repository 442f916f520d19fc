/**
 * Clients on kept connections, each sending its next request when the last was answered; a process of its own, so that a thousand of
 * them do not hold up the test. `crowd.js <url> <clients> <pause in ms>` (from an answer to the next request) prints, on SIGTERM, `{ requests, ok, failed, byVersion }`.
 */
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const TIMEOUT_MS = 60_000;
const url = new URL(process.argv[2]);
const clients = Number(process.argv[3]);
const pauseMs = Number(process.argv[4]);
const agent = new http.Agent({ keepAlive: true, maxSockets: clients, maxFreeSockets: clients });
const counts = { requests: 0, ok: 0, failed: {}, byVersion: {} };
let isOn = true;

const add = (to, key) => (to[key] = (to[key] ?? 0) + 1);

/** Resolves with the status of a whole answer, or with what went wrong. */
function get() {
  return new Promise((resolve) => {
    const failed = (error) => resolve(error.code ?? error.message);
    const request = http.get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      response.on('error', failed).resume();
      response.on('end', () => {
        add(counts.byVersion, response.headers['x-app-version']);
        resolve(String(response.statusCode));
      });
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    request.on('error', failed);
  });
}

async function client() {
  while (isOn) {
    const what = await get();
    counts.requests += 1;
    if (what === '200') counts.ok += 1;
    else add(counts.failed, what);
    await sleep(pauseMs);
  }
}

const running = Array.from({ length: clients }, client);
process.once('SIGTERM', async () => {
  isOn = false;
  await Promise.all(running);
  agent.destroy();
  process.stdout.write(JSON.stringify(counts));
});

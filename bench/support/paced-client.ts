/**
 * Requests at a fixed rate over kept connections, each one timed from its own sending: `paced-client.js <port> <per second> <seconds>`.
 * Prints `{ requests, failed, p50Us, p99Us }`.
 */
import http from 'node:http';
import { quantile } from '../../domain/histogram';
import { LatencyRecorder } from '../../host/router/latency';

const CONNECTIONS = 20;
const TIMEOUT_MS = 10_000;

const [port, perSecond, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const recorder = new LatencyRecorder();
let requests = 0;
let failed = 0;

async function connection(index: number): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const everyMs = (CONNECTIONS * 1_000) / perSecond;
  const begun = performance.now() + (index * everyMs) / CONNECTIONS;
  for (let n = 0; n * everyMs < seconds * 1_000; n += 1) {
    const wait = begun + n * everyMs - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const sentAt = performance.now();
    requests += 1;
    if (await isAnswered(agent)) recorder.record((performance.now() - sentAt) * 1_000);
    else failed += 1;
  }
  agent.destroy();
}

function isAnswered(agent: http.Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const fail = (): void => resolve(false);
    const request = http.get({ host: '127.0.0.1', port, agent, timeout: TIMEOUT_MS }, (response) => {
      response.on('error', fail).resume();
      response.on('end', () => resolve(response.statusCode === 200));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', fail);
  });
}

void Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index))).then(() => {
  const histogram = recorder.read();
  console.log(JSON.stringify({ requests, failed, p50Us: quantile(histogram, 0.5), p99Us: quantile(histogram, 0.99) }));
  console.log('ready');
});

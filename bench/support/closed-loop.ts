/** Clients each of which asks again as soon as it was answered: while everybody waits, nothing is asked for. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A user does not wait longer. */
const TIMEOUT_MS = 5_000;
/** Between an answer and the next request. */
const PAUSE_MS = 20;

/** @param port where `/work` is asked for. */
export function startClosedLoop(port: number, clients: number): { stop(): Promise<void> } {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  let isOver = false;
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const request = http.get({ host: '127.0.0.1', port, path: '/work', agent, timeout: TIMEOUT_MS }, (response) => {
        response.on('error', () => resolve()).on('close', () => resolve());
        response.resume();
      });
      request.on('timeout', () => request.destroy()).on('error', () => resolve());
    });
  const client = async (): Promise<void> => {
    for (; !isOver; await sleep(PAUSE_MS)) await ask();
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    stop: async () => {
      isOver = true;
      await all;
      agent.destroy();
    },
  };
}

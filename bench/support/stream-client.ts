/** A client at a fixed rate that keeps every answer, in the form in which the judge takes streams. */
import http from 'node:http';
import type { Answer } from '../../domain/judge/stream';

const TICK_MS = 5;
/** A user does not wait longer. */
const TIMEOUT_MS = 5_000;

export interface Seen extends Answer {
  /** Milliseconds since the client began, as `at`. */
  readonly sentAt: number;
}

export interface StreamClient {
  /** In the order in which they came, growing. */
  readonly seen: readonly Seen[];
  /** Milliseconds since the client began. */
  now(): number;
  stop(): Promise<void>;
}

/** @param newVersion `x-app-version` of the release that is told from the old one; no answer at all is the new one's, where the old is well. */
export function streamFrom(port: number, perSecond: number, newVersion: string): StreamClient {
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 20, scheduling: 'fifo' });
  const begun = performance.now();
  const now = (): number => performance.now() - begun;
  const seen: Seen[] = [];
  const pending = new Set<Promise<void>>();
  let sent = 0;

  const send = (): Promise<void> =>
    new Promise((resolve) => {
      const sentAt = now();
      let isOpen = true;
      const end = (status: number, version: string | undefined): void => {
        if (!isOpen) return;
        isOpen = false;
        clearTimeout(timer);
        const release = version === undefined || version === newVersion ? 'new' : 'old';
        seen.push({ at: now(), sentAt, release, status, ms: now() - sentAt });
        resolve();
      };
      const request = http.get({ host: '127.0.0.1', port, path: '/work', agent }, (response) => {
        const version = response.headers['x-app-version'];
        response.on('error', () => end(0, undefined)).resume();
        response.on('end', () => end(response.statusCode ?? 0, typeof version === 'string' ? version : undefined));
      });
      const timer = setTimeout(() => {
        end(0, undefined);
        request.destroy();
      }, TIMEOUT_MS);
      request.on('error', () => end(0, undefined));
    });

  const timer = setInterval(() => {
    for (const due = Math.floor((now() / 1_000) * perSecond); sent < due; sent += 1) {
      const flight: Promise<void> = send().then(() => void pending.delete(flight));
      pending.add(flight);
    }
  }, TICK_MS);
  return {
    seen,
    now,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
    },
  };
}

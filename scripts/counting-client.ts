/**
 * A client that sends requests at a fixed rate and accounts for every one. The load is open: a slow answer delays no other
 * request, and latency counts from the moment that a request was due, so that no delay is left out. Nothing is retried.
 */
import http from 'node:http';
import { createTally } from './counts';
import type { Counts, Tally } from './counts';

const TICK_MS = 5;

export interface RequestKind {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of all requests, in any unit: shares are divided by their sum. */
  readonly share: number;
}

export interface CountingOptions {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly perSecond: number;
  readonly mix: readonly RequestKind[];
  /** So many addresses of the loopback network (127.0.0.0/8, which Linux has whole) take turns; missing: one, whichever it is. */
  readonly clients?: number;
  /** Without an answer for so long a request has failed (`ETIMEDOUT`). */
  readonly timeoutMs?: number;
}

export interface CountingClient {
  /** Requests sent from now on are also counted in a section of this name; a known name is gone on with. */
  mark(name: string): void;
  /** Of a section, or of all requests. Throws for a section that was never marked. */
  snapshot(section?: string): Counts;
  /** Sends no more, waits for what is in flight, closes its connections, and answers what was counted. Repeatable. */
  stop(): Promise<Counts>;
}

const LEAST_CONNECTIONS = 20;
const SECONDS_IN_FLIGHT = 2;

/** Starts to send at once. Throws when the mix has no shares or the rate is not above 0. */
export function startCounting(options: CountingOptions): CountingClient {
  if (!(options.perSecond > 0)) throw new Error(`the rate must be above 0 requests a second, not ${options.perSecond}`);
  const next = inTurn(options.mix);
  const agent = keepAlive(Math.max(LEAST_CONNECTIONS, SECONDS_IN_FLIGHT * options.perSecond));
  const all = createTally();
  const sections = new Map<string, Tally>();
  let section: Tally | null = null;
  const pending = new Set<Promise<void>>();
  const begun = performance.now();
  let sent = 0;

  function sendDue(): void {
    const due = Math.floor(((performance.now() - begun) / 1000) * options.perSecond);
    const tallies = section === null ? [all] : [all, section];
    for (; sent < due; sent += 1) {
      const dueAt = begun + ((sent + 1) / options.perSecond) * 1000;
      const client = sent % (options.clients ?? 1);
      const request = send({ options, agent, kind: next(), dueAt, tallies, client }).then(
        () => void pending.delete(request),
      );
      pending.add(request);
    }
  }

  const timer = setInterval(sendDue, TICK_MS);
  return {
    mark(name) {
      section = sections.get(name) ?? createTally();
      sections.set(name, section);
    },
    snapshot(name) {
      const tally = name === undefined ? all : sections.get(name);
      if (tally !== undefined) return tally.counts();
      throw new Error(`there is no section \`${name}\`; there are: ${[...sections.keys()].join(', ')}`);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
      return all.counts();
    },
  };
}

interface Shot {
  readonly options: CountingOptions;
  readonly agent: http.Agent;
  readonly kind: RequestKind;
  readonly dueAt: number;
  readonly tallies: readonly Tally[];
  /** From 0. */
  readonly client: number;
}

/** Resolves when the whole answer has come, or the request has failed; never rejects. */
function send({ options, agent, kind, dueAt, tallies, client }: Shot): Promise<void> {
  for (const tally of tallies) tally.sent();
  return new Promise((resolve) => {
    let isOpen = true;
    const end = (result: { status: number } | { code: string }, version: string | null = null) => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      const latencyUs = (performance.now() - dueAt) * 1000;
      const ending = { at: Date.now(), request: `${kind.method} ${kind.path}`, result, version, latencyUs, client };
      for (const tally of tallies) tally.ended(ending);
      resolve();
    };
    const request = http.request(new URL(kind.path, options.url), {
      method: kind.method,
      headers: headersOf(kind),
      agent,
      ...(options.clients !== undefined && { localAddress: addressOf(client) }),
    });
    const timer = setTimeout(() => {
      end({ code: 'ETIMEDOUT' });
      request.destroy();
    }, options.timeoutMs ?? 10_000);
    request.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code ?? error.message }));
    request.on('response', (response) => {
      response.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code ?? error.message }));
      response.on('end', () => end({ status: response.statusCode ?? 0 }, versionOf(response)));
      response.resume();
    });
    request.end(kind.body);
  });
}

const addressOf = (client: number): string => `127.0.${1 + Math.floor(client / 250)}.${1 + (client % 250)}`;

const headersOf = (kind: RequestKind): Record<string, string | number> => ({
  ...(kind.body !== undefined && { 'content-length': Buffer.byteLength(kind.body) }),
  ...kind.headers,
});

function versionOf(response: http.IncomingMessage): string | null {
  const version = response.headers['x-app-version'];
  return typeof version === 'string' ? version : null;
}

/**
 * First in, first out: every kept connection is used in turn, so that none is idle until the server closes it. None is closed while it can be
 * used again, and no more are opened than answers of two seconds need: a client that is late would otherwise spend its time on connections.
 */
const keepAlive = (connections: number): http.Agent =>
  new http.Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, scheduling: 'fifo' });

/** Takes kinds in turn so that each has its exact share at any time (smooth weighted round robin, as in nginx). */
function inTurn(mix: readonly RequestKind[]): () => RequestKind {
  const total = mix.reduce((sum, kind) => sum + kind.share, 0);
  if (!(total > 0) || mix.some((kind) => kind.share < 0)) {
    throw new Error('the mix needs at least one request with a share above 0, and none below 0');
  }
  const credits = mix.map(() => 0);
  return () => {
    mix.forEach((kind, index) => (credits[index] = (credits[index] ?? 0) + kind.share));
    const richest = credits.indexOf(Math.max(...credits));
    credits[richest] = (credits[richest] ?? 0) - total;
    return mix[richest] as RequestKind;
  };
}

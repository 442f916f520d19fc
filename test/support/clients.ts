/** Clients of other kinds than one request after another, for tests through a router: each accounts for all that it sent. */
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface ParallelCounts {
  readonly requests: number;
  readonly ok: number;
  /** By status or error code. */
  readonly failed: Readonly<Record<string, number>>;
  readonly byVersion: Readonly<Record<string, number>>;
}

/** `clients` clients, each with one kept connection, each sending its next request when the last was answered. */
export function startParallelClients(options: { url: string; path: string; clients: number }): {
  snapshot(): ParallelCounts;
  stop(): Promise<ParallelCounts>;
} {
  let isOn = true;
  const counts = { requests: 0, ok: 0, failed: {} as Record<string, number>, byVersion: {} as Record<string, number> };
  const agent = new http.Agent({ keepAlive: true, maxSockets: options.clients, maxFreeSockets: options.clients });
  const client = async () => {
    while (isOn) {
      const { what, version } = await get(new URL(options.path, options.url), agent);
      counts.requests += 1;
      if (what === '200') counts.ok += 1;
      else counts.failed[what] = (counts.failed[what] ?? 0) + 1;
      if (version !== undefined) counts.byVersion[version] = (counts.byVersion[version] ?? 0) + 1;
    }
  };
  const running = Array.from({ length: options.clients }, client);
  const snapshot = () => structuredClone(counts);
  return {
    snapshot,
    async stop() {
      isOn = false;
      await Promise.all(running);
      agent.destroy();
      return snapshot();
    },
  };
}

function get(url: URL, agent: http.Agent): Promise<{ what: string; version?: string }> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve({ what: error.code ?? error.message });
    const request = http.get(url, { agent, timeout: 30_000 }, (response) => {
      const version = response.headers['x-app-version'];
      response.on('error', failed).resume();
      response.on('end', () =>
        resolve({ what: String(response.statusCode), ...(typeof version === 'string' && { version }) }),
      );
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    request.on('error', failed);
  });
}

export interface UploadResult {
  readonly status: number;
  readonly bytes: number;
  readonly sha256: string;
  /** What the server says that it got. */
  readonly answer: string;
}

/** Sends `bytes` of noise as a stream with back-pressure, at most `bytesPerSecond` where given. Rejects when it breaks off. */
export async function upload(options: { url: string; bytes: number; bytesPerSecond?: number }): Promise<UploadResult> {
  const hash = createHash('sha256');
  const noise = randomBytes(256 * 1024);
  const begun = performance.now();
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let left = options.bytes; left > 0; left -= noise.length) {
      noise.writeDoubleBE(left, 0);
      const chunk = Buffer.from(noise.subarray(0, Math.min(left, noise.length)));
      hash.update(chunk);
      yield chunk;
      const dueMs = ((options.bytes - left + chunk.length) / (options.bytesPerSecond ?? Infinity)) * 1000;
      const ahead = begun + dueMs - performance.now();
      if (ahead > 0) await sleep(ahead); // what is behind, because this process had other work, is caught up with
    }
  }
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': options.bytes };
    const request = http.request(options.url, { method: 'POST', agent: false, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (text: string) => (answer += text));
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, bytes: options.bytes, sha256: hash.digest('hex'), answer });
      });
    });
    request.on('error', reject);
    Readable.from(chunks()).on('error', reject).pipe(request);
  });
}

export interface EventCounts {
  readonly events: number;
  /** Numbers that were left out, and numbers that came again. */
  readonly gaps: number;
  readonly repeats: number;
  /** Times that the stream ended or broke off and was opened again. */
  readonly reconnects: number;
  /** Error codes and statuses of streams that did not end in good order. */
  readonly broken: readonly string[];
}

/** Reads numbered server-sent events; comes back with `Last-Event-ID` as a browser does, and counts what is missing. */
export function startEventReader(url: string): { snapshot(): EventCounts; stop(): Promise<EventCounts> } {
  const counts = { events: 0, gaps: 0, repeats: 0, reconnects: 0, broken: [] as string[] };
  const stopping = new AbortController();
  let last: number | null = null;
  const take = (id: number) => {
    counts.events += 1;
    if (last !== null && id > last + 1) counts.gaps += id - last - 1;
    if (last !== null && id <= last) counts.repeats += 1;
    last = id;
  };
  const read = async () => {
    while (!stopping.signal.aborted) {
      const headers: Record<string, string> = last === null ? {} : { 'last-event-id': String(last) };
      const ended = await readEvents({ url, headers, signal: stopping.signal, take });
      if (stopping.signal.aborted) return;
      if (ended !== 'ended') counts.broken.push(ended);
      counts.reconnects += 1;
      await sleep(20);
    }
  };
  const reading = read();
  const snapshot = () => structuredClone(counts);
  return {
    snapshot,
    async stop() {
      stopping.abort();
      await reading;
      return snapshot();
    },
  };
}

interface EventRead {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  readonly take: (id: number) => void;
}

function readEvents({ url, headers, signal, take }: EventRead): Promise<string> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    const request = http.get(url, { agent: false, headers, signal }, (response) => {
      if (response.statusCode !== 200) resolve(String(response.statusCode));
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const blocks = (rest + text).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const id of blocks.map((block) => /^id: (\d+)$/m.exec(block)?.[1])) if (id !== undefined) take(Number(id));
      });
      response.on('error', failed).on('end', () => resolve('ended'));
    });
    request.on('error', failed);
  });
}

export interface EchoCounts {
  readonly sent: number;
  /** Messages that came back as they were sent, in order. */
  readonly echoed: number;
  readonly wrong: number;
  /** Sent and not yet answered when a connection closed; each was sent again on the next one. */
  readonly resent: number;
  /** Connections that closed, by close code; 1001: the server goes away, in good order. */
  readonly closes: Readonly<Record<string, number>>;
}

/** Sends a numbered WebSocket message every `everyMs`, opens a new connection when one closes, and checks every echo. */
export function startEchoClient(options: { url: string; everyMs: number }): {
  snapshot(): EchoCounts;
  stop(): Promise<EchoCounts>;
} {
  const counts = { sent: 0, echoed: 0, wrong: 0, resent: 0, closes: {} as Record<string, number> };
  const waiting: string[] = [];
  let isOn = true;
  let socket = connect();

  function connect(): WebSocket {
    const opened = new WebSocket(options.url);
    opened.on('open', () => {
      counts.resent += waiting.length;
      for (const message of waiting) opened.send(message);
    });
    opened.on('message', (data: Buffer) => {
      if (data.toString() === waiting[0]) counts.echoed += 1;
      else counts.wrong += 1;
      waiting.shift();
    });
    opened.on('error', () => opened.terminate());
    opened.on('close', (code) => {
      if (!isOn) return;
      counts.closes[code] = (counts.closes[code] ?? 0) + 1;
      setTimeout(() => isOn && (socket = connect()), 20);
    });
    return opened;
  }

  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const message = `${(counts.sent += 1)} ${'x'.repeat(counts.sent % 500)}`;
    waiting.push(message);
    socket.send(message);
  }, options.everyMs);
  const snapshot = () => structuredClone(counts);
  return {
    snapshot,
    async stop() {
      clearInterval(timer);
      const deadline = Date.now() + 5_000;
      while (waiting.length > 0 && Date.now() < deadline) await sleep(10);
      isOn = false;
      socket.close();
      return snapshot();
    },
  };
}

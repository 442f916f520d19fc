/** One GET, by one connection of its own, within one time limit. No redirect is followed, and no address is reached that hands out the machine's own credentials. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { HttpAnswer } from '../domain/gates/expectation';
import { checkedLookup, refuseAddress } from './addresses';
import { openTo, type ProvenConnect } from './proven-connection';

/** As much of a body as is looked at, in bytes. */
export const BODY_LIMIT = 1024 * 1024;
/** An attempt may outlive the request by so much. */
const CONNECT_MS = 5_000;

export type GetResult =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer; readonly ms: number }
  /** `code`: such as `ECONNREFUSED`; `ETIMEDOUT` after the time limit; `ABORTED`. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly ms: number };

export interface GetRequest {
  readonly url: string;
  readonly timeoutMs: number;
  /** Whether the body is needed; without it a stream that never ends is an answer too. */
  readonly body: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Who answers is proven before anything is sent; missing: whoever listens at the address answers. With `http:` and an address in figures only. */
  readonly connect?: ProvenConnect;
}

/** Never throws: what goes wrong is part of the result. */
export async function httpGet({ url, timeoutMs, body, signal, headers = {}, connect }: GetRequest): Promise<GetResult> {
  const begun = performance.now();
  const ended = new AbortController();
  // Where this thread was held up, an answer may lie there already: it is read before the time is called over.
  const timer = setTimeout(() => setImmediate(() => ended.abort('ETIMEDOUT')), timeoutMs);
  const onAbort = () => ended.abort('ABORTED');
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    const socket = connect === undefined ? null : await provenSocket(connect, new URL(url), ended.signal);
    const answer = await send(url, { body, headers, socket }, ended.signal);
    return { kind: 'answered', answer, ms: performance.now() - begun };
  } catch (error) {
    const cut = ended.signal.aborted ? String(ended.signal.reason) : null;
    const { code = 'ERROR', message } = error as NodeJS.ErrnoException;
    const text = cut === 'ETIMEDOUT' ? `no answer within ${timeoutMs} ms` : message;
    return { kind: 'failed', code: cut ?? code, message: text, ms: performance.now() - begun };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A connection that comes after the end is closed. */
function provenSocket(connect: ProvenConnect, { hostname, port }: URL, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
    const host = hostname.replace(/^\[|\]$/g, '');
    connect(openTo({ host, port: Number(port) }, CONNECT_MS)).then((socket) => {
      if (signal.aborted) socket.destroy();
      resolve(socket);
    }, reject);
  });
}

interface Sent extends Required<Pick<GetRequest, 'body' | 'headers'>> {
  readonly socket: Socket | null;
}

async function send(url: string, { body, headers: more, socket }: Sent, signal: AbortSignal): Promise<HttpAnswer> {
  const target = new URL(url);
  const { protocol } = target;
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`${protocol} is neither http: nor https:`);
  refuseAddress(target);
  const client = protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const headers = { accept: '*/*', 'user-agent': 'mvca', ...more };
    const way = socket === null ? { agent: false, lookup: checkedLookup } : { createConnection: () => socket };
    const request = client.get(url, { ...way, headers, signal }, (response) => {
      const answered = (text: string) => {
        resolve({ status: response.statusCode ?? 0, headers: plain(response.headers), body: text });
        request.destroy();
      };
      response.on('error', reject);
      if (!body) return answered('');
      const chunks: Buffer[] = [];
      let size = 0;
      const all = () => answered(Buffer.concat(chunks).subarray(0, BODY_LIMIT).toString('utf8'));
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= BODY_LIMIT) all();
      });
      response.on('end', all);
    });
    request.on('error', reject);
  });
}

const plain = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );

/** Posts JSON to a URL that is a secret: what is said of a failure never holds any part of it. */
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { AddressRefused, checkedLookup, isAddressAllowed } from '../../system/addresses';

export interface PostRequest {
  readonly url: string;
  readonly body: string;
  /** Equal for repeated posts of one message. */
  readonly key: string;
  readonly timeoutMs: number;
}

/** `again`: another try may have another end, `afterMs` later where the receiver said so. */
export type PostResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly again: boolean; readonly afterMs?: number };

/** One try. Follows no redirect, reads no answer, never throws. */
export async function post(request: PostRequest): Promise<PostResult> {
  const target = readUrl(request.url);
  if (typeof target === 'string') return { ok: false, why: target, again: false };
  try {
    return judge(await send(target, request));
  } catch (error) {
    if (error instanceof AddressRefused) return { ok: false, why: error.message, again: false };
    return { ok: false, why: whyNot(error, request.timeoutMs), again: true };
  }
}

/** The URL, or why it is not used. */
function readUrl(text: string): URL | string {
  if (!URL.canParse(text)) return 'its URL is none';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `its URL begins with ${url.protocol.slice(0, 20)}, and only https: and http: are used`;
  if (url.username !== '' || url.password !== '')
    return 'its URL holds a user or password, which proxies write down; use a token in the path instead';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isAddressAllowed(host)) return 'its address is link-local, a metadata service or no host';
  return url;
}

interface Answered {
  readonly status: number;
  /** `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
}

function send(url: URL, { body, key, timeoutMs }: PostRequest): Promise<Answered> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: false,
        lookup: checkedLookup,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': key,
          'user-agent': 'mvca',
        },
      },
      (answer) => {
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
        answer.destroy(); // nothing of it is wanted, however much there is
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function judge({ status, retryAfter }: Answered): PostResult {
  if (status >= 200 && status < 300) return { ok: true };
  if (status >= 300 && status < 400)
    return { ok: false, why: `it answered ${status}, a redirect, which is not followed`, again: false };
  const again = status >= 500 || status === 429 || status === 408;
  const afterMs = again ? waitAsked(retryAfter, Date.now()) : null;
  return { ok: false, why: `it answered ${status}`, again, ...(afterMs !== null && { afterMs }) };
}

/** Milliseconds, from seconds or a date (RFC 9110, 10.2.3); null: it asks for none that can be read. */
export function waitAsked(retryAfter: string | undefined, nowMs: number): number | null {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = /[A-Za-z]/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

/** Words for codes: messages of Node hold host names and addresses. */
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens at its address',
  ECONNRESET: 'the connection was closed',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be resolved now',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

function whyNot(error: unknown, timeoutMs: number): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return `it did not answer within ${timeoutMs / 1000} s`;
  return (code !== undefined && CODES[code]) || `the request failed${code === undefined ? '' : ` (${code})`}`;
}

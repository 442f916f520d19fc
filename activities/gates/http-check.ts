/** One GET against one instance, compared with what is expected: for health, smoke and probes. */
import { mismatch } from '../../domain/gates/expectation';
import type { Expectation, Sending } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import { httpGet } from '../../system/http-get';
import type { ProvenConnect } from '../../system/proven-connection';
import type { ConnectTo, ReleasePlace } from '../../system/release-connect';

export interface HttpExpectation extends Expectation, Sending {
  /** Begins with `/`. */
  readonly path: string;
  readonly timeoutMs: number;
}

export interface HttpCheckResult {
  readonly passed: boolean;
  /** The caller's signal ended it: it says nothing about the instance. */
  readonly aborted: boolean;
  /** What was measured, and what was expected where that differs: `answered 503, expected 200`. */
  readonly seen: string;
  /** null: there was no answer. */
  readonly status: number | null;
  /** Such as `ECONNREFUSED` or `ETIMEDOUT`; null where there was an answer. */
  readonly code: string | null;
  /** From the request's start to the answer's (to its end, where `contains` looks into it). */
  readonly ms: number;
}

/** Sends the request; an answer of another kind, or none, or one who is not the instance (`EFOREIGN`), is a result. Takes at most `timeoutMs`. Never throws. */
export type HttpCheck = (address: Address, expected: HttpExpectation, signal?: AbortSignal) => Promise<HttpCheckResult>;

/** Checks instances of one release, and sends nothing to whoever else has their ports. */
export type CheckOf = (release: ReleasePlace) => HttpCheck;

export const createCheckOf =
  (connectTo: ConnectTo): CheckOf =>
  (release) => {
    const connect = connectTo(release);
    return (address, expected, signal) => check({ address, expected, connect: connect(address.port) }, signal);
  };

interface Asked {
  readonly address: Address;
  readonly expected: HttpExpectation;
  readonly connect: ProvenConnect;
}

async function check({ address, expected, connect }: Asked, signal?: AbortSignal): Promise<HttpCheckResult> {
  const body = expected.contains !== null;
  const { timeoutMs } = expected;
  const result = await httpGet({
    url: `${baseUrl(address)}${expected.path}`,
    timeoutMs,
    body,
    connect,
    ...(expected.send && { headers: expected.send }),
    ...(signal ? { signal } : {}),
  });
  const { ms } = result;
  if (result.kind === 'failed') {
    const { code } = result;
    return { passed: false, aborted: code === 'ABORTED', seen: words(code, result.message), status: null, code, ms };
  }
  const { status } = result.answer;
  const problem = mismatch(expected, result.answer);
  return { passed: problem === null, aborted: false, seen: problem ?? `answered ${status}`, status, code: null, ms };
}

/** `http://host:port`, IPv6 in brackets. */
export const baseUrl = ({ host, port }: Address): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

function words(code: string, message: string): string {
  if (code === 'ECONNREFUSED') return 'refused the connection';
  if (code === 'ECONNRESET') return 'ended the connection without an answer';
  if (code === 'EFOREIGN') return `was not asked: ${message}`;
  if (code === 'ETIMEDOUT') return `gave ${message}`;
  return `gave no answer: ${message}`;
}

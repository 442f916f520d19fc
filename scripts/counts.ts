/** What a client counted: every request is in exactly one of `ok`, `failed` or `inFlight`. */
import { bucketOf, quantile } from '../domain/histogram';

/** How many failures are kept in full, to say what went wrong. */
const KEPT_FAILURES = 20;

export interface Counts {
  readonly requests: number;
  /** Answers below 400 that came whole. */
  readonly ok: number;
  /** By status (`500`) or error code (`ECONNRESET`). */
  readonly failed: Readonly<Record<string, number>>;
  readonly failures: number;
  readonly inFlight: number;
  /** Epoch milliseconds at which the first and the last failure were seen. */
  readonly firstBadAt: number | null;
  readonly lastBadAt: number | null;
  /** Answers by the header `x-app-version`. */
  readonly byVersion: Readonly<Record<string, number>>;
  /** Epoch milliseconds of the first answer of each version. */
  readonly firstByVersion: Readonly<Record<string, number>>;
  /** Clients that got an answer, and of these the ones that saw a failure. */
  readonly clients: number;
  readonly clientsWithFailures: number;
  /** From the moment that a request was due, in milliseconds; null without answers. */
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };
  /** The first failures, in the order in which they were seen. */
  readonly samples: readonly FailureSample[];
}

export interface FailureSample {
  readonly at: number;
  readonly request: string;
  readonly what: string;
}

/** How one request ended: with a status and a whole body, or with an error code. */
export interface Ending {
  readonly at: number;
  readonly request: string;
  readonly result: { readonly status: number } | { readonly code: string };
  readonly version: string | null;
  readonly latencyUs: number;
  /** Which of the clients asked, from 0. */
  readonly client: number;
}

export interface Tally {
  sent(): void;
  ended(ending: Ending): void;
  counts(): Counts;
}

/** Makes an empty tally. */
export function createTally(): Tally {
  const state = emptyState();
  return {
    sent: () => void (state.requests += 1),
    ended: (ending) => record(state, ending),
    counts: () => countsOf(state),
  };
}

const emptyState = () => ({
  requests: 0,
  ended: 0,
  ok: 0,
  failures: 0,
  firstBadAt: null as number | null,
  lastBadAt: null as number | null,
  failed: {} as Record<string, number>,
  byVersion: {} as Record<string, number>,
  firstByVersion: {} as Record<string, number>,
  clients: new Set<number>(),
  clientsWithFailures: new Set<number>(),
  latency: {} as Record<string, number>,
  samples: [] as FailureSample[],
});
type State = ReturnType<typeof emptyState>;

function record(state: State, ending: Ending): void {
  state.ended += 1;
  increase(state.latency, String(bucketOf(ending.latencyUs)));
  state.clients.add(ending.client);
  if (ending.version !== null) {
    increase(state.byVersion, ending.version);
    state.firstByVersion[ending.version] ??= ending.at;
  }
  const { result } = ending;
  if ('code' in result) recordFailure(state, result.code, ending);
  else if (result.status >= 400) recordFailure(state, String(result.status), ending);
  else state.ok += 1;
}

function recordFailure(state: State, what: string, { at, request, client }: Ending): void {
  state.clientsWithFailures.add(client);
  state.failures += 1;
  increase(state.failed, what);
  state.firstBadAt ??= at;
  state.lastBadAt = at;
  if (state.samples.length < KEPT_FAILURES) state.samples.push({ at, request, what });
}

function countsOf(state: State): Counts {
  const { requests, ended, latency, clients, clientsWithFailures, ...rest } = state;
  const at = (share: number) => {
    const microseconds = quantile({ counts: latency, total: ended }, share);
    return microseconds === null ? null : microseconds / 1000;
  };
  return {
    ...structuredClone(rest),
    requests,
    clients: clients.size,
    clientsWithFailures: clientsWithFailures.size,
    inFlight: requests - ended,
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
  };
}

function increase(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

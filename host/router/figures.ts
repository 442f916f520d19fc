/** What is counted for one release since the router started. */
import type { ReleaseFigures } from '../../domain/host/router';
import { LatencyRecorder } from './latency';
import { routeName } from './route-name';
import { Sketch, type ClientMark } from './sketch';

/**
 * How a flight ended. `answered` only when every byte was there; `closed`: by the router itself (drain limit, release
 * removed), nobody's failure; `gave-up`: the client left after the answer had been overdue; `foreign`: somebody else listens on the ports.
 */
export type FlightEnd =
  'answered' | 'connect-error' | 'foreign' | 'reset' | 'timeout' | 'gave-up' | 'client-abort' | 'closed';

interface RouteCounts {
  answers: number;
  errors: number;
  slow: number;
  micros: number;
}

/** Further routes are counted together. */
const MOST_ROUTES = 64;
const OTHER_ROUTES = '(other)';

export class Figures {
  readonly #statuses = new Map<number, number>();
  readonly #latency = new LatencyRecorder();
  readonly #clients = new Sketch();
  readonly #routes = new Map<string, RouteCounts>();
  readonly #clientsWithErrors = new Sketch();
  #requests = 0;
  #inFlight = 0;
  #streams = 0;
  #slow = 0;
  #overdue = 0;
  readonly #ends: Record<FlightEnd, number> = {
    answered: 0,
    'connect-error': 0,
    foreign: 0,
    reset: 0,
    timeout: 0,
    'gave-up': 0,
    'client-abort': 0,
    closed: 0,
  };

  get inFlight(): number {
    return this.#inFlight;
  }

  began(mark: ClientMark): void {
    this.#requests += 1;
    this.#inFlight += 1;
    this.#clients.add(mark);
  }

  /** An answer as the instance gave it. `micros`: to its last byte, of a stream to its first. */
  answered(status: number, micros: number, mark: ClientMark): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#latency.record(micros);
    if (status >= 500) this.#clientsWithErrors.add(mark);
  }

  answeredOn(path: string, status: number, took: { readonly micros: number; readonly isSlow: boolean }): void {
    const counts = this.#countRoute(path, status >= 500);
    counts.micros += Math.round(took.micros);
    if (took.isSlow) counts.slow += 1;
  }

  /** No answer came, and it was not the client who left. */
  unanswered(end: FlightEnd, path: string): void {
    if (isFailure(end)) this.#countRoute(path, true);
  }

  #countRoute(path: string, isError: boolean): RouteCounts {
    const name = routeName(path);
    const counts = this.#routes.get(name) ?? this.#newRoute(name);
    counts.answers += 1;
    if (isError) counts.errors += 1;
    return counts;
  }

  #newRoute(name: string): RouteCounts {
    if (this.#routes.size >= MOST_ROUTES && name !== OTHER_ROUTES)
      return this.#routes.get(OTHER_ROUTES) ?? this.#newRoute(OTHER_ROUTES);
    const counts = { answers: 0, errors: 0, slow: 0, micros: 0 };
    this.#routes.set(name, counts);
    return counts;
  }

  wasSlow(): void {
    this.#slow += 1;
  }

  becameOverdue(): void {
    this.#overdue += 1;
  }

  isOverdueNoMore(): void {
    this.#overdue -= 1;
  }

  becameStream(): void {
    this.#streams += 1;
  }

  ended(end: FlightEnd, wasStream: boolean, mark: ClientMark): void {
    this.#inFlight -= 1;
    if (wasStream) this.#streams -= 1;
    this.#ends[end] += 1;
    if (isFailure(end)) this.#clientsWithErrors.add(mark);
  }

  read(): ReleaseFigures {
    return {
      requests: this.#requests,
      inFlight: this.#inFlight,
      streams: this.#streams,
      statuses: Object.fromEntries(this.#statuses),
      connectErrors: this.#ends['connect-error'] + this.#ends.foreign,
      foreign: this.#ends.foreign,
      resets: this.#ends.reset,
      timeouts: this.#ends.timeout,
      gaveUp: this.#ends['gave-up'],
      clientAborts: this.#ends['client-abort'],
      slow: this.#slow,
      overdue: this.#overdue,
      latency: this.#latency.read(),
      routes: Object.fromEntries([...this.#routes].map(([name, counts]) => [name, { ...counts }])),
      clients: this.#clients.estimate(),
      clientsWithErrors: this.#clientsWithErrors.estimate(),
    };
  }
}

const isFailure = (end: FlightEnd): boolean =>
  end === 'connect-error' || end === 'foreign' || end === 'reset' || end === 'timeout' || end === 'gave-up';

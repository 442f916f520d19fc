/** What is counted for one release since the router started. */
import type { ReleaseFigures } from '../../domain/host/router';
import { LatencyRecorder } from './latency';
import { Sketch, type ClientMark } from './sketch';

/**
 * How a flight ended. `answered` only when every byte was there; `closed`: by the router itself (drain limit, release
 * removed), nobody's failure.
 */
export type FlightEnd = 'answered' | 'connect-error' | 'reset' | 'timeout' | 'client-abort' | 'closed';

export class Figures {
  readonly #statuses = new Map<number, number>();
  readonly #latency = new LatencyRecorder();
  readonly #clients = new Sketch();
  readonly #clientsWithErrors = new Sketch();
  #requests = 0;
  #inFlight = 0;
  #streams = 0;
  #slow = 0;
  readonly #ends: Record<FlightEnd, number> = {
    answered: 0,
    'connect-error': 0,
    reset: 0,
    timeout: 0,
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

  wasSlow(): void {
    this.#slow += 1;
  }

  becameStream(): void {
    this.#streams += 1;
  }

  ended(end: FlightEnd, wasStream: boolean, mark: ClientMark): void {
    this.#inFlight -= 1;
    if (wasStream) this.#streams -= 1;
    this.#ends[end] += 1;
    if (end === 'connect-error' || end === 'reset' || end === 'timeout') this.#clientsWithErrors.add(mark);
  }

  read(): ReleaseFigures {
    return {
      requests: this.#requests,
      inFlight: this.#inFlight,
      streams: this.#streams,
      statuses: Object.fromEntries(this.#statuses),
      connectErrors: this.#ends['connect-error'],
      resets: this.#ends.reset,
      timeouts: this.#ends.timeout,
      clientAborts: this.#ends['client-abort'],
      slow: this.#slow,
      latency: this.#latency.read(),
      clients: this.#clients.estimate(),
      clientsWithErrors: this.#clientsWithErrors.estimate(),
    };
  }
}

/**
 * One request on its way through the router, from its routing to its end. What carries it (`Exchange`, `Detour`) tells this when
 * it begins to answer and how it ends; here it is counted, exactly once.
 */
import type { IncomingMessage } from 'node:http';
import type { ClientConnection, Underway } from './client-connection';
import type { FlightEnd } from './figures';
import type { RouterLimits } from './limits';
import type { Instance } from './instance';
import type { Release } from './release';

export abstract class Flight implements Underway {
  readonly release: Release;
  readonly client: ClientConnection;
  readonly startedAt: number;
  readonly #path: string;
  /** An event stream or an upgraded connection. */
  isStream = false;
  /** The cookie that is set with the answer; null: none. */
  cookie: string | null = null;
  #isSlow = false;
  /** Everything was sent, and for longer than `slowMs` no answer has begun. */
  #isOverdue = false;
  #isOver = false;
  #isCounted = false;
  #hasClientEnded = false;
  #to: Instance | null = null;

  constructor(release: Release, client: ClientConnection, path: string) {
    this.#path = path;
    this.release = release;
    this.client = client;
    this.startedAt = performance.now();
    client.underway.add(this);
    release.began(this);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The instance that it is sent to; it may be tried with another one afterwards. */
  get to(): Instance | null {
    return this.#to;
  }

  protected goTo(instance: Instance | null): void {
    if (this.#to !== null) this.#to.inFlight -= 1;
    this.#to = instance;
    if (instance !== null) instance.inFlight += 1;
  }

  /** The client's connection ended. Who left while the answer was overdue has had none. */
  clientGone(): void {
    if (!this.#isOver) this.abandon(this.#isOverdue ? 'gave-up' : 'client-abort');
  }

  /**
   * Half-closing is no leaving (RFC 9112, section 9.6), but looks like it. One that ends within a stream, or while its answer is overdue,
   * has left. Other answers go on: what is sent to one that left is answered with a reset.
   */
  clientEnded(): void {
    if ((this.hasBegun && this.isStream) || this.#isOverdue) this.clientGone();
    this.#hasClientEnded = true;
  }

  /** The answer has begun. */
  protected abstract get hasBegun(): boolean;

  /** Since when nothing has come of an answer that has begun, as `performance.now()`; null: something is not owed by the instance. */
  protected abstract quietSince(): number | null;

  /** Ends it from the router's side: the drain limit, a removed release, a client or an instance that makes no progress. */
  abstract abandon(end: FlightEnd): void;

  /** Looks for limits that were passed; `now` as `performance.now()`. */
  protected abstract checkLimits(now: number, limits: RouterLimits): void;

  /** Since when the instance owes the beginning of its answer, as `performance.now()`; null: it does not, or not yet. */
  protected abstract owesAnswerSince(): number | null;

  /** Called by the sweep: slow is what has no end yet after `slowMs`, of a stream what had no beginning. */
  check(now: number, limits: RouterLimits, slowMs: number): void {
    this.client.endIfReset();
    if (this.#isOver) return;
    if (!this.#isSlow && !this.isStream && now - this.startedAt > slowMs) this.#markSlow();
    const since = this.#isOverdue ? null : this.owesAnswerSince();
    if (since !== null && now - since > slowMs) {
      this.#isOverdue = true;
      this.release.figures.becameOverdue();
    }
    const quietSince = this.#hasClientEnded ? this.quietSince() : null;
    if (quietSince !== null && now - quietSince > limits.halfOpenMs) this.clientGone();
    this.checkLimits(now, limits);
  }

  /** The head of the answer came, and it is one that may go on for hours: it is counted now. */
  protected becomeStream(status: number): void {
    this.isStream = true;
    this.release.figures.becameStream();
    this.#isOverdueNoMore();
    this.#count(status);
  }

  protected finish(end: FlightEnd, status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isOverdueNoMore();
    this.goTo(null);
    if (end === 'answered' && !this.#isCounted) this.#count(status);
    if (end !== 'answered') this.release.figures.unanswered(end, this.#path);
    this.client.underway.delete(this);
    this.release.ended(this, end);
  }

  #count(status: number): void {
    this.#isCounted = true;
    const tookMs = performance.now() - this.startedAt;
    if (!this.#isSlow && tookMs > this.release.slowMs) this.#markSlow();
    this.release.figures.answered(status, tookMs * 1_000, this.client.mark);
    this.release.figures.answeredOn(this.#path, status, { micros: tookMs * 1_000, isSlow: this.#isSlow });
  }

  #isOverdueNoMore(): void {
    if (this.#isOverdue) this.release.figures.isOverdueNoMore();
    this.#isOverdue = false;
  }

  #markSlow(): void {
    this.#isSlow = true;
    this.release.figures.wasSlow();
  }
}

export const mayHaveTrailers = (request: IncomingMessage, status: number): boolean =>
  request.httpVersionMinor !== 0 && request.method !== 'HEAD' && status !== 204 && status !== 304;

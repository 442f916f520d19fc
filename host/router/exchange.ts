/**
 * Carries an ordinary request over undici, which calls the `on…` methods. They are the interface that undici's connections speak
 * themselves; the newer one is a layer upon it that builds an object of headers with every answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ForeignListener } from '../../system/proven-connection';
import { answerHead, reasonOf, trailerPairs } from './answer-head';
import { BodyRelay } from './body-relay';
import type { ClientConnection } from './client-connection';
import type { FlightEnd } from './figures';
import { Flight, mayHaveTrailers } from './flight';
import type { Instance, Line } from './instance';
import { passInterim, sendHead } from './interim';
import type { RouterLimits } from './limits';
import { answerItself, faultOf, statusOf } from './own-answer';
import type { Release } from './release';
import { forwardedHead, hasBody, takesTrailers, type Target } from './request-head';
import { addCookie } from './stickiness';

/** Bodies up to this size leave in one write with their head. */
const SMALL_BYTES = 8 * 1024;
const SAFE_TO_REPEAT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** A `Content-Length` in these tells of an answer to another request; undici misses the bytes. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);
const RESETS: ReadonlySet<string | undefined> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export class Exchange extends Flight {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: { path: string; method: string; headers: string[]; body: BodyRelay | null };
  #instance: Instance | null = null;
  #line: Line | null = null;
  #wasUsed = false;
  #wasRepeated = false;
  #tried: Instance[] | null = null;
  #abort: ((error?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #isSent = false;
  /** Somebody else listens where an instance should. */
  #isForeign = false;
  #status = 0;
  #contentLength: number | null = null;
  #held: Buffer | null = null;
  #hasWritten = false;
  #progressAt = 0;
  #blockedAt = 0;

  constructor(release: Release, client: ClientConnection, target: Target, response: ServerResponse) {
    super(release, client, target.path);
    const request = response.req;
    this.#request = request;
    this.#response = response;
    const headers = forwardedHead(request, client, target.host);
    if (takesTrailers(request)) headers.push('TE', 'trailers');
    const body = hasBody(request) ? new BodyRelay(request) : null;
    this.#options = { path: target.path, method: request.method ?? 'GET', headers, body };
  }

  start(fresh = false): void {
    const instance = this.release.nextInstance(this.#tried);
    if (instance === null) return this.#fail(this.#isForeign ? 'foreign' : 'connect-error');
    this.goTo(instance);
    const line = instance.take(fresh);
    this.#instance = instance;
    this.#line = line;
    this.#wasUsed = line.used;
    this.#isSent = false;
    line.awaitsHead = true;
    line.client.dispatch(this.#options, this);
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    this.#isSent = true;
    this.#progressAt = performance.now();
    this.#instance?.wasReached();
    if (this.isOver) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200) {
      passInterim(this.#response, { status, reason: statusText, raw });
      return true;
    }
    if (this.#line !== null) this.#line.awaitsHead = false;
    const head = answerHead(raw, mayHaveTrailers(this.#request, status));
    if (this.cookie !== null) addCookie(head.headers, status, this.cookie);
    try {
      this.#response.writeHead(status, reasonOf(status, statusText), head.headers);
    } catch {
      this.abandon('reset'); // a header that may not be sent
      return true;
    }
    this.#status = status;
    this.#contentLength = head.contentLength;
    this.#progressAt = performance.now();
    this.#resume = resume;
    if (head.isEventStream) {
      this.becomeStream(status);
      this.#flush();
    } else process.nextTick(flushHead, this);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (!this.#hasWritten && chunk.length === this.#contentLength && chunk.length <= SMALL_BYTES) {
      this.#held = chunk; // the end follows at once
      return true;
    }
    this.#hasWritten = true;
    this.#progressAt = performance.now();
    if (this.#response.write(chunk)) return true;
    this.#blockedAt = this.#progressAt;
    this.#response.once('drain', () => this.#onDrain());
    return false;
  }

  onComplete(trailers: readonly (Buffer | string)[] | null): void {
    this.#giveBack(true);
    if (this.isOver) return;
    if (trailers !== null && trailers.length > 0) this.#response.addTrailers(trailerPairs(trailers));
    const held = this.#held;
    // As text it is joined to the head: one write instead of a list of them.
    if (held === null) this.#response.end();
    else this.#response.end(held.toString('latin1'), 'latin1');
    this.#hasWritten = true;
    this.finish('answered', this.#status);
  }

  onError(error: Error & { code?: string }): void {
    const instance = this.#instance;
    this.#giveBack(false);
    if (this.isOver) return;
    if (error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && BODILESS.has(this.#status))
      return this.onComplete(null);
    if (error.code === 'UND_ERR_INVALID_ARG') {
      answerItself(this.#response, 400);
      return this.finish('client-abort', 400);
    }
    if (!this.#isSent) {
      instance?.wasNotReached(performance.now(), error);
      if (error instanceof ForeignListener) this.#isForeign = true;
      if (instance !== null) (this.#tried ??= []).push(instance);
      return this.start();
    }
    if (this.#mayRepeat(error)) {
      this.#wasRepeated = true;
      return this.start(true);
    }
    this.#fail('reset', false, faultOf(error));
  }

  abandon(end: FlightEnd): void {
    if (this.isOver) return;
    const isCleanEnd = end === 'closed' && this.isStream;
    this.#fail(end, isCleanEnd);
    this.#abort?.();
  }

  protected get hasBegun(): boolean {
    return this.#status > 0;
  }

  protected quietSince(): number | null {
    return this.#status > 0 && this.#blockedAt === 0 ? this.#progressAt : null;
  }

  protected owesAnswerSince(): number | null {
    const { body } = this.#options;
    if (this.#status > 0 || !this.#isSent || body?.waitsForClient === true) return null;
    return Math.max(this.#progressAt, body?.progressAt ?? 0);
  }

  protected checkLimits(now: number, limits: RouterLimits): void {
    const body = this.#options.body;
    if (this.#blockedAt > 0) {
      if (now - this.#blockedAt > limits.stallMs) this.abandon('client-abort');
    } else if (this.#status > 0) {
      if (!this.isStream && now - this.#progressAt > limits.pauseMs) this.abandon('timeout');
    } else if (body !== null && body.waitsForClient) {
      if (now - body.progressAt > limits.stallMs) this.abandon('client-abort');
    } else if (this.#isSent && now - Math.max(this.#progressAt, body?.progressAt ?? 0) > limits.answerMs) {
      this.abandon('timeout');
    }
  }

  #onDrain(): void {
    this.#blockedAt = 0;
    this.#progressAt = performance.now();
    if (!this.isOver) this.#resume?.();
  }

  /** The head waits for the rest of what the instance sent with it, and no longer. */
  flushHeadIfAlone(): void {
    if (!this.#hasWritten && !this.isOver) this.#flush();
  }

  #flush(): void {
    this.#hasWritten = true;
    sendHead(this.#response);
  }

  #mayRepeat(error: { code?: string }): boolean {
    return (
      this.#wasUsed &&
      !this.#wasRepeated &&
      this.#status === 0 &&
      RESETS.has(error.code) &&
      SAFE_TO_REPEAT.has(this.#options.method) &&
      this.#options.body === null
    );
  }

  #giveBack(isWhole: boolean): void {
    if (this.#line !== null) this.#instance?.giveBack(this.#line, isWhole);
    this.#line = null;
    this.#abort = null;
  }

  #fail(end: FlightEnd, isCleanEnd = false, detail?: string): void {
    this.finish(end, this.#status);
    if (isCleanEnd) this.#response.end();
    else answerItself(this.#response, statusOf(end), detail);
  }
}

const flushHead = (exchange: Exchange): void => exchange.flushHeadIfAlone();

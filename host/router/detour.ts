/**
 * Carries the requests that undici does not, over a connection of their own: upgrades, `Expect: 100-continue` (the instance says
 * whether it wants the body), trailers after a request, and `OPTIONS *`.
 */
import http, { type ClientRequest, type IncomingMessage, type InformationEvent, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ForeignListener } from '../../system/proven-connection';
import { answerHead, trailerPairs } from './answer-head';
import type { ClientConnection } from './client-connection';
import { detourHead } from './detour-head';
import type { FlightEnd } from './figures';
import { Flight, mayHaveTrailers } from './flight';
import type { Instance } from './instance';
import { passInterim, sendHead } from './interim';
import type { RouterLimits } from './limits';
import { answerItself, faultOf, statusOf } from './own-answer';
import type { Release } from './release';
import { expectationOf, hasBody, type Target } from './request-head';
import { addCookie } from './stickiness';
import { joinTunnel, responseOn } from './tunnel';

/** A request in full: `upgrade` has the bare connection, and no response yet. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly target: Target;
  readonly response: ServerResponse | null;
  readonly upgrade: { readonly socket: Duplex; readonly head: Buffer } | null;
}

export class Detour extends Flight {
  readonly #incoming: Incoming;
  readonly #limits: RouterLimits;
  readonly #tried: Instance[] = [];
  #upstream: ClientRequest | null = null;
  #tunnel: Duplex | null = null;
  #response: ServerResponse | null;
  #answer: IncomingMessage | null = null;
  #isConnected = false;
  /** Somebody else listens where an instance should. */
  #isForeign = false;
  #status = 0;
  #progressAt = performance.now();

  constructor(release: Release, client: ClientConnection, incoming: Incoming, limits: RouterLimits) {
    super(release, client, incoming.target.path);
    this.#incoming = incoming;
    this.#response = incoming.response;
    this.#limits = limits;
  }

  start(): void {
    const instance = this.release.nextInstance(this.#tried);
    if (instance === null) return this.#fail(this.#isForeign ? 'foreign' : 'connect-error');
    this.#tried.push(instance);
    this.goTo(instance);
    instance.open().then(
      (socket) => this.#onConnected(socket, instance),
      (error: unknown) => {
        if (this.isOver) return;
        instance.wasNotReached(performance.now(), error);
        if (error instanceof ForeignListener) this.#isForeign = true;
        this.start();
      },
    );
  }

  #onConnected(socket: Socket, instance: Instance): void {
    if (this.isOver) return void socket.destroy();
    instance.wasReached();
    this.#isConnected = true;
    try {
      this.#send(socket);
    } catch {
      socket.destroy(); // Node does not send such a request
      this.finish('client-abort', 400);
      answerItself(this.#respondable(), 400);
    }
  }

  #send(socket: Socket): void {
    const { request, target } = this.#incoming;
    const upstream = http.request({
      createConnection: () => socket.setKeepAlive(true, 60_000),
      method: request.method,
      path: target.path,
      headers: detourHead(this.#incoming, this.client) as unknown as http.OutgoingHttpHeaders,
      maxHeaderSize: this.#limits.answerHeadBytes,
      timeout: 0,
    });
    this.#upstream = upstream;
    // The size bounds them; Node drops those above 1,000 without a word.
    upstream.maxHeadersCount = 0;
    upstream.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
    upstream.on('continue', () => this.#onContinue());
    upstream.on('information', (interim) => this.#onInterim(interim));
    upstream.on('response', (answer) => this.#onAnswer(answer));
    upstream.on('upgrade', (answer, tunnel, head) => this.#onUpgrade(answer, tunnel, head));
    this.#sendBody(upstream);
  }

  abandon(end: FlightEnd): void {
    if (this.isOver) return;
    // A tunnel that its client closes has done its work.
    this.#fail(end === 'client-abort' && this.#tunnel !== null ? 'answered' : end);
    this.#tunnel?.destroy();
    this.#upstream?.destroy();
  }

  /** A tunnel looks after its own ends. */
  protected get hasBegun(): boolean {
    return this.#status > 0 && this.#tunnel === null;
  }

  protected quietSince(): number | null {
    return this.hasBegun && this.#response?.writableNeedDrain !== true ? this.#progressAt : null;
  }

  protected owesAnswerSince(): number | null {
    const owes = this.#tunnel === null && this.#isConnected && this.#status === 0 && this.#incoming.request.complete;
    return owes ? this.#progressAt : null;
  }

  protected checkLimits(now: number, limits: RouterLimits): void {
    if (this.#tunnel !== null || !this.#isConnected) return;
    const isBlocked = this.#response?.writableNeedDrain === true;
    const owesBody = this.#status === 0 && !this.#incoming.request.complete;
    const quiet = now - this.#progressAt;
    if (isBlocked || owesBody) {
      if (quiet > limits.stallMs) this.abandon('client-abort');
    } else if (quiet > (this.#status === 0 ? limits.answerMs : limits.pauseMs) && !this.isStream)
      this.abandon('timeout');
  }

  #sendBody(upstream: ClientRequest): void {
    const { request } = this.#incoming;
    this.#progressAt = performance.now();
    sendHead(upstream);
    if (!hasBody(request) || this.#incoming.upgrade !== null) return void upstream.end();
    request.on('data', () => (this.#progressAt = performance.now()));
    request.on('end', () => {
      if (upstream.destroyed) return;
      if (request.rawTrailers.length > 0) upstream.addTrailers(trailerPairs(request.rawTrailers));
      upstream.end();
    });
    request.pipe(upstream, { end: false });
    // Once the instance is gone, the rest of the body goes nowhere.
    upstream.on('close', () => {
      request.unpipe(upstream);
      request.resume();
    });
  }

  /** Interim answers to an upgrade, which has no response yet, are left out. */
  #onInterim({ statusCode, statusMessage, rawHeaders }: InformationEvent): void {
    const response = this.#response;
    if (this.isOver || response === null) return;
    passInterim(response, { status: statusCode, reason: statusMessage, raw: rawHeaders });
  }

  #onContinue(): void {
    const isAskedFor = expectationOf(this.#incoming.request)?.toLowerCase() === '100-continue';
    if (!this.isOver && isAskedFor) this.#response?.writeContinue();
  }

  /** Bytes that follow a whole answer are nobody's. */
  #onError(error: NodeJS.ErrnoException): void {
    if (this.#answer?.complete !== true) this.#fail('reset', faultOf(error));
  }

  #onAnswer(answer: IncomingMessage): void {
    if (this.isOver) return;
    this.#answer = answer;
    const response = this.#respondable();
    const status = answer.statusCode ?? 502;
    const head = answerHead(answer.rawHeaders, mayHaveTrailers(this.#incoming.request, status));
    if (this.cookie !== null) addCookie(head.headers, status, this.cookie);
    // Told not to send its body, a client must not have its next request taken for it.
    if (expectationOf(this.#incoming.request) !== undefined && !this.#incoming.request.complete)
      response.shouldKeepAlive = false;
    try {
      response.writeHead(status, answer.statusMessage ?? '', head.headers); // both as bytes
    } catch {
      return this.abandon('reset'); // a header that may not be sent
    }
    this.#status = status;
    if (head.isEventStream) this.becomeStream(status);
    sendHead(response);
    answer.on('data', () => (this.#progressAt = performance.now()));
    answer.on('end', () => this.#onAnswerEnd(answer, response));
    answer.on('error', () => this.#fail('reset'));
    answer.pipe(response, { end: false });
  }

  #onAnswerEnd(answer: IncomingMessage, response: ServerResponse): void {
    if (this.isOver) return;
    if (!answer.complete) return this.#fail('reset');
    if (answer.rawTrailers.length > 0) response.addTrailers(trailerPairs(answer.rawTrailers));
    response.end();
    this.finish('answered', this.#status);
  }

  #onUpgrade(answer: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { upgrade } = this.#incoming;
    if (this.isOver || upgrade === null) return void socket.destroy();
    this.#tunnel = socket;
    this.#status = 101;
    this.becomeStream(101);
    joinTunnel({
      answer,
      instance: { socket, head },
      client: upgrade,
      halfOpenMs: this.#limits.halfOpenMs,
      onEnd: (end) => this.finish(end, 101),
    });
  }

  #respondable(): ServerResponse {
    const { request, upgrade } = this.#incoming;
    this.#response ??= responseOn(request, upgrade?.socket as Duplex);
    return this.#response;
  }

  #fail(end: FlightEnd, detail?: string): void {
    if (this.isOver) return;
    const isCleanEnd = end === 'closed' && this.isStream && this.#tunnel === null;
    this.finish(end, this.#status);
    if (this.#tunnel !== null) return void this.#incoming.upgrade?.socket.destroy();
    if (isCleanEnd) this.#response?.end();
    else answerItself(this.#respondable(), statusOf(end), detail);
  }
}

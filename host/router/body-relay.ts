/**
 * The body of a request on its way to an instance. It stands between the client's request and undici, which destroys a body when
 * an exchange fails: destroying the request itself would cut the client off before it gets its answer.
 */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

const BUFFER_BYTES = 64 * 1024;

export class BodyRelay extends Readable {
  readonly #source: IncomingMessage;
  #isAttached = false;
  #isWaiting = false;
  #progressAt = performance.now();

  constructor(source: IncomingMessage) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#source = source;
  }

  /** The instance would take more, and the client has not sent it. */
  get waitsForClient(): boolean {
    return this.#isWaiting && !this.#source.complete;
  }

  /** When the last bytes were passed on, as `performance.now()`. */
  get progressAt(): number {
    return this.#progressAt;
  }

  override _read(): void {
    this.#isWaiting = true;
    if (this.#isAttached) {
      this.#source.resume();
      return;
    }
    this.#isAttached = true;
    this.#source.on('data', this.#onData).on('end', this.#onEnd);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd);
    // The rest is read and thrown away, so that the connection can carry the next request.
    if (this.#isAttached && !this.#source.readableEnded) this.#source.resume();
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#progressAt = performance.now();
    if (this.push(chunk)) return;
    this.#isWaiting = false;
    this.#source.pause();
  };

  readonly #onEnd = (): void => {
    this.#progressAt = performance.now();
    this.push(null);
  };
}

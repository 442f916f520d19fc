/** One instance of a release: its connections, and whether it can be reached. */
import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import type { Address } from '../../domain/words';
import {
  createProvenConnect,
  ForeignListener,
  openTo,
  type FindInstance,
  type ProvenConnect,
} from '../../system/proven-connection';
import { note } from '../../system/note';
import type { RouterLimits } from './limits';
import { readsOnWhenWritesFail, withoutContinue, type Awaiting } from './upstream-socket';

/** Idle connections are closed this early before the instance itself would do it, so that no request meets a closing one. */
const MARGIN_MS = 1_500;
/** Node's servers close after 5 s and say so; others are taken to keep theirs this long. */
const ASSUMED_IDLE_MS = 4_000;
const MOST_DOUBLINGS = 3;
const SILENT_MS = 60_000;

/** One connection to an instance; it carries one request at a time, and is `used` once it has carried a whole one. */
export interface Line extends Awaiting {
  readonly client: Client;
  used: boolean;
  idle: boolean;
}

type Connector = buildConnector.connector;

export class Instance {
  readonly address: Address;
  readonly origin: string;
  readonly #limits: RouterLimits;
  readonly #connect: Connector;
  readonly #prove: ProvenConnect;
  readonly #idle: Line[] = [];
  /** Requests on their way to it or from it. */
  inFlight = 0;
  #failures = 0;
  #outUntil = 0;
  #silentUntil = 0;
  #closed = false;
  #streamsUntil = Infinity;

  /** @param find null: whoever listens there is taken to be the instance. */
  constructor(address: Address, limits: RouterLimits, find: FindInstance | null) {
    this.address = address;
    this.#limits = limits;
    this.origin = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    this.#prove = find === null ? (open) => open() : createProvenConnect(address.port, find);
    this.#connect = provenConnector(buildConnector({ timeout: limits.connectMs }), this.#prove);
  }

  isOut(now: number): boolean {
    return now < this.#outUntil;
  }

  wasReached(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#outUntil = 0;
  }

  /** @param error why; that somebody else has its port is said, at most once a minute. */
  wasNotReached(now: number, error: unknown): void {
    if (error instanceof ForeignListener && now > this.#silentUntil) {
      this.#silentUntil = now + SILENT_MS;
      note(error.message);
    }
    this.#outUntil = now + this.#limits.leftOutMs * 2 ** Math.min(this.#failures, MOST_DOUBLINGS);
    this.#failures += 1;
  }

  /** A connection outside of those that are kept. */
  async open(): Promise<Socket> {
    const socket = await this.#prove(openTo(this.address, this.#limits.connectMs));
    readsOnWhenWritesFail(socket);
    return socket;
  }

  /** A free connection, the one used last first; `fresh`: one that never carried a request. */
  take(fresh: boolean): Line {
    const line = (fresh ? undefined : this.#idle.pop()) ?? this.#open();
    line.idle = false;
    return line;
  }

  /** Gives a connection back after a whole exchange; after a broken one it is closed. */
  giveBack(line: Line, isWhole: boolean): void {
    if (!isWhole || this.#closed) return drop(line);
    line.used = true;
    line.idle = true;
    this.#idle.push(line);
  }

  /** The release goes on without it: what is in flight may end, streams only for so long. */
  leave(now: number, drainMs: number): void {
    this.#streamsUntil = now + drainMs;
    this.close();
  }

  /** Its streams have had their time. */
  isOver(now: number): boolean {
    return now > this.#streamsUntil;
  }

  /** Closes idle connections at once and the others when they are given back. */
  close(): void {
    this.#closed = true;
    for (const line of this.#idle.splice(0)) drop(line);
  }

  #open(): Line {
    const awaiting: Awaiting = { awaitsHead: false };
    const client = new Client(this.origin, {
      connect: (options, callback) =>
        this.#connect(options, (...result) => {
          if (result[1] !== null) {
            readsOnWhenWritesFail(result[1]);
            withoutContinue(result[1], awaiting);
          }
          callback(...result);
        }),
      maxHeaderSize: this.#limits.answerHeadBytes,
      pipelining: 1,
      keepAliveTimeout: ASSUMED_IDLE_MS,
      keepAliveTimeoutThreshold: MARGIN_MS,
      // The sweep watches over answers: one timer for all instead of one each.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const line: Line = Object.assign(awaiting, { client, used: false, idle: false });
    client.on('disconnect', () => this.#onDisconnect(line));
    return line;
  }

  #onDisconnect(line: Line): void {
    line.used = false;
    if (!line.idle) return;
    const place = this.#idle.lastIndexOf(line);
    if (place !== -1) this.#idle.splice(place, 1);
    drop(line);
  }
}

/** undici gets a connection when it is known who answers it. */
function provenConnector(connect: Connector, prove: ProvenConnect): Connector {
  return (options, callback) => {
    const open = (): Promise<Socket> =>
      new Promise((resolve, reject) =>
        connect(options, (...[error, socket]) => (error === null ? resolve(socket) : reject(error))),
      );
    prove(open).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

function drop(line: Line): void {
  line.idle = false;
  line.client.destroy().catch(() => undefined); // nothing waits on it
}

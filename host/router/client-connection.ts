/** What is known of one client's connection for as long as it lives; worked out once, not with every request. */
import type { Socket } from 'node:net';
import { markOf, type ClientMark } from './sketch';
import type { Trust } from './trust';

/** Something of the client's that is under way, and that ends when its connection does. */
export interface Underway {
  clientGone(): void;
  /** The client has said its last: it left, or it only waits for the answer. */
  clientEnded(): void;
}

const ENDED_PROBE_MS = 10_000;
const CONNECTION = Symbol('connection');

export class ClientConnection {
  readonly address: string;
  readonly mark: ClientMark;
  /** Whether it is a proxy of the list: then what it says about the original client is passed on. */
  isTrusted = false;
  #trust: Trust | null = null;
  readonly underway = new Set<Underway>();
  /** A request was refused for its framing: whatever follows on this connection may be a part of it. */
  isDistrusted = false;
  /** `for=…` of RFC 7239, section 6. */
  readonly #node: string;
  #host: string | undefined;
  #forwarded = '';
  #ended: Socket | null = null;

  constructor(remote: string | undefined) {
    this.address = plainAddress(remote ?? 'unknown');
    this.mark = markOf(this.address);
    this.#node = this.address.includes(':') ? `"[${this.address}]"` : this.address;
  }

  /** Called with every request: the list may have changed since the last one. */
  obey(trust: Trust): void {
    if (trust === this.#trust) return;
    this.#trust = trust;
    this.isTrusted = trust.includes(this.address);
  }

  hasEnded(socket: Socket): void {
    this.#ended = socket;
  }

  /** It said its last, and by now it is not even there to hear an answer. */
  isReset(): boolean {
    return this.#ended !== null && wasReset(this.#ended);
  }

  /** Ends what is under way for one that said its last and went away afterwards, of which nothing is read any more. */
  endIfReset(): void {
    if (this.isReset()) this.#ended?.destroy();
  }

  /** The value of `Forwarded` for a request to that host; the same host again costs nothing. */
  forwarded(host: string | undefined): string {
    if (this.#forwarded === '' || host !== this.#host) {
      this.#host = host;
      this.#forwarded = `for=${this.#node}${host === undefined ? '' : `;host="${host.replaceAll(/["\\]/g, '')}"`};proto=http`;
    }
    return this.#forwarded;
  }
}

type Known = Socket & { [CONNECTION]?: ClientConnection };

/** The connection's record; made when it is first asked for, ended with the socket. */
export function connectionOf(socket: Socket): ClientConnection {
  const known = (socket as Known)[CONNECTION];
  if (known !== undefined) return known;
  const connection = new ClientConnection(socket.remoteAddress);
  (socket as Known)[CONNECTION] = connection;
  socket.once('end', () => {
    connection.hasEnded(socket);
    if (connection.isReset()) return void socket.destroy();
    // One that closed its side wholly answers to these no more, once its system has forgotten it (60 s in Linux).
    socket.setKeepAlive(true, ENDED_PROBE_MS);
    for (const flight of connection.underway) flight.clientEnded();
  });
  socket.once('close', () => {
    for (const flight of connection.underway) flight.clientGone();
  });
  return connection;
}

interface Named {
  readonly _handle?: { getpeername?(out: object): number } | null;
}

/**
 * A reset that comes with the last bytes looks like an end: libuv says `EOF` for both. The kernel tells them apart: it names no peer of a
 * connection that was reset, and names the one that only closed its side.
 */
const wasReset = (socket: Socket): boolean => {
  const handle = (socket as Named)._handle;
  return handle?.getpeername !== undefined && handle.getpeername({}) !== 0;
};

/** IPv4 in its own form, also where the socket speaks IPv6. */
const plainAddress = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

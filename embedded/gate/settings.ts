/** What the supervisor tells the gate once, over its channel; the two listening sockets follow, since only outside the namespace they can be made. */
import type { Keys } from '../access/keys';

export interface GateSettings {
  readonly keys: Keys;
  /** Where the server listens, within. */
  readonly inner: InnerPlaces;
  /** The server's command, and what it may see. */
  readonly server: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** Brings the namespace's loopback up; null: it has none of its own. */
  readonly loopback: readonly string[] | null;
  /** The gate's own socket for who may enter the home. Its path is made outside, where accounts have their own numbers. */
  readonly adminSocket: string;
}

export interface InnerPlaces {
  readonly host: string;
  readonly grpc: number;
  readonly ui: number;
}

export type GateMessage =
  { readonly kind: 'settings'; readonly settings: GateSettings } | { readonly kind: 'grpc' } | { readonly kind: 'ui' };

/** Of the gate's socket. */
export interface GateState {
  readonly pid: number;
  /** Whether the Web UI behind it answers. */
  readonly ui: boolean;
}

export interface TicketRequest {
  /** Path and query of the page that it leads to. */
  readonly page: string;
  /** Numbers of the accounts whose browser may use it. */
  readonly accounts: readonly number[];
}

export interface Ticket {
  readonly path: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * What is said over the router's admin socket (HTTP/1.1 with JSON over a Unix socket of mode 0600), and what it saves.
 *
 * | request | does | repeatable |
 * | --- | --- | --- |
 * | `GET /state` | answers `RouterState` | yes |
 * | `PUT /settings` `RouterSettings` | replaces the settings | yes |
 * | `PUT /releases/<release>` `{ instances: Address[] }` | makes a release known, with weight 0, or replaces its instances: those that are left out end what they have in flight, streams within the drain time; 409 when a release that serves, or that a lease would give the traffic back to, would lose its last one | yes |
 * | `DELETE /releases/<release>` | forgets a release and closes what it still has in flight; 409 while it has weight, or a lease would give it the traffic back | yes |
 * | `PUT /weights` `SetWeights` | sets weights and lease together; 409 when a release is unknown or has no instance | yes |
 * | `PUT /lease` `{ holder, seconds, bridge? }` | renews; 409 when that holder has no lease (it ran out, or there never was one), or had this bridge since its watch last renewed | yes, a bridge once |
 * | `DELETE /lease?holder=H` | the release is proven: weights stay, the lease goes; 409 when it ran out before | yes |
 *
 * Every answer to a change is the new `RouterState`. A refusal is `{ "error": text }`.
 */
import type { Address, Weights } from '../words';
import type { Histogram } from '../histogram';

export interface RouterSettings {
  /** Answers that take longer are counted as slow. */
  readonly slowMs: number;
  /** How long WebSockets and event streams of a release may go on after its weight became 0. */
  readonly drainMs: number;
  /** Whether a user stays on one release while several have weight; absent: `none`. */
  readonly stickiness?: Stickiness;
  /** Where `/metrics` is shown; absent: nowhere. */
  readonly metrics?: Address;
  /** Proxies that are believed when they say who the client was: addresses and networks; absent: none. */
  readonly trust?: readonly string[];
  /** Connections that one client address may have at a time; absent: no number. */
  readonly connections?: number;
}

export type Stickiness = 'none' | 'cookie';

/**
 * Who renews without a watch: an engine that `stop`s in good order, or one that has `start`ed again. Each may do so once, until a watch
 * renews: an engine that starts again and again must not keep an unproven release up for ever.
 */
export const BRIDGES = ['stop', 'start'] as const;
export type Bridge = (typeof BRIDGES)[number];

export interface Lease {
  /** Who renews: the id of the deployment (`<workflow id>/<run id>`). */
  readonly holder: string;
  /** Epoch milliseconds; counted on the monotonic clock while the router lives, so a stepped clock neither ends nor prolongs it. */
  readonly until: number;
  /** Restarts of the engine that it was prolonged over since its watch last renewed it. */
  readonly bridged?: readonly Bridge[];
  /** What was asked for last: no lease lasts longer than this after a restart of the router, whatever the clock says. */
  readonly seconds: number;
  /** Where the traffic goes when nobody renews. */
  readonly fallback: Weights;
}

export interface SetWeights {
  readonly weights: Weights;
  /** null: for good. */
  readonly lease: { readonly holder: string; readonly seconds: number; readonly fallback: Weights } | null;
}

/** Saved by temporary file, fsync, rename, fsync of the folder, before a change is answered. */
export interface RouterTable {
  readonly format: 1;
  readonly app: string;
  readonly environment: string;
  readonly listen: Address;
  readonly settings: RouterSettings;
  readonly releases: Readonly<Record<string, { readonly instances: readonly Address[] }>>;
  readonly weights: Weights;
  readonly lease: Lease | null;
  /** The last time that a lease ran out and the router gave the traffic back by itself. */
  readonly expired: { readonly holder: string; readonly at: number; readonly from: Weights } | null;
}

export interface RouteFigures {
  readonly answers: number;
  readonly errors: number;
  readonly slow?: number;
  readonly micros?: number;
}

/** Counted since the router process started, for one release. */
export interface ReleaseFigures {
  /** Requests routed to the release. */
  readonly requests: number;
  /** Requests in flight now, WebSockets and streams included. */
  readonly inFlight: number;
  /** Of these, upgraded connections and event streams. */
  readonly streams: number;
  /** Answers of the instances by status code; what the router answers itself (502, 503, 504) counts below instead. */
  readonly statuses: Readonly<Record<string, number>>;
  /** No instance took the connection. */
  readonly connectErrors: number;
  /** Of these, because somebody else listened on the instance's port; absent where a router of an older version runs. */
  readonly foreign?: number;
  /** The instance broke off before or within its answer. */
  readonly resets: number;
  readonly timeouts: number;
  /**
   * The client went away after everything was sent and the instance had not begun to answer for longer than `slowMs`: no answer. Absent
   * where a router of an older version runs.
   */
  readonly gaveUp?: number;
  /** The client went away first; neither good nor bad. */
  readonly clientAborts: number;
  /** Answers slower than `slowMs` (time to the last byte but for streams, where it is the first). */
  readonly slow: number;
  /** Requests in flight whose answer should have begun for longer than `slowMs`; counted in `slow`, too. Absent as above. */
  readonly overdue?: number;
  /** Latency in microseconds. */
  readonly latency: Histogram;
  /**
   * Absent where a router of an older version runs. Answers, and of these 5xx and no answer at all, by route: the path without its query, identifiers as `:id`. At most 64 routes;
   * further ones are counted as `(other)`. `slow` and `micros` (their time together) are of answers that came.
   */
  readonly routes?: Readonly<Record<string, RouteFigures>>;
  /** Distinct clients seen, and of these the ones that saw an error; estimated by a salted sketch. */
  readonly clients: number;
  readonly clientsWithErrors: number;
}

/** What the application was asked for in the last days, from hour to hour. */
export interface TrafficRate {
  /** Requests per second in the median hour, and in the hour that only a tenth of all hours are quieter than. */
  readonly perSecond: number;
  readonly quietPerSecond: number;
  /** Hours that were counted, at most 72. */
  readonly hours: number;
}

/** An instance that was taken out of its release, and what it still has in flight. */
export interface Leaving extends Address {
  readonly inFlight: number;
}

export interface RouterState {
  readonly pid: number;
  /** Changes when the router process starts anew; counts start from zero then. */
  readonly epoch: string;
  /** The router's clock, epoch milliseconds. */
  readonly now: number;
  /** false while the listen address is held by another process; it is tried again every second. */
  readonly listening: boolean;
  /** false only while the disk refuses the table after traffic was given back: giving back never waits for a disk. */
  readonly saved: boolean;
  readonly table: RouterTable;
  readonly figures: Readonly<Record<string, ReleaseFigures>>;
  /** By release, instances that get no more requests and have not ended those that they have; absent where a router of an older version runs. */
  readonly leaving?: Readonly<Record<string, readonly Leaving[]>>;
  /** Requests of each release when the weights last changed; empty: they did not since the process started. */
  readonly requestsBefore?: Readonly<Record<string, number>>;
  /** null: not counted for long enough. Absent where a router of an older version runs. */
  readonly traffic?: TrafficRate | null;
  /** Connections of clients: open now, the most there may be, and how many were refused since the process started. Absent as above. */
  readonly connections?: { readonly open: number; readonly most: number; readonly refused: number };
}

/** What a traffic vendor must promise: it sends requests to releases by weight, under a lease, and counts every answer. */
import type { RouterState, Stickiness } from '../../domain/host/router';
import type { Address, Weights } from '../../domain/words';

/** One application in one environment, and how its traffic is handled. */
export interface Route {
  readonly app: string;
  readonly environment: string;
  readonly listen: Address;
  /** Answers that take longer are counted as slow. */
  readonly slowMs: number;
  /** How long streams of a release without weight may go on. */
  readonly drainMs: number;
  /** Whether a user stays on one release while several have weight; absent: `none`. */
  readonly stickiness?: Stickiness;
  /** Where its figures are shown to monitoring systems; absent: nowhere. */
  readonly metrics?: Address | null;
  /** Proxies that are believed when they say who the client was; absent: none. */
  readonly trust?: readonly string[];
  /** Connections that one client address may have; absent: no number. */
  readonly connections?: number;
}

export interface WeightsChange {
  /** Releases that are to be known by these addresses; others stay as they are. */
  readonly releases: Readonly<Record<string, readonly Address[]>>;
  /** null: weights and lease stay as they are. */
  readonly weights: Weights | null;
  readonly lease: { readonly holder: string; readonly seconds: number; readonly fallback: Weights } | null;
}

export type LeaseChange =
  | { readonly kind: 'renew'; readonly holder: string; readonly seconds: number }
  | { readonly kind: 'prove'; readonly holder: string };

export interface Traffic {
  /** Makes sure that the route is served, with these settings. Repeatable; up to a minute when the router must be started. */
  ensure(route: Route): Promise<void>;
  /**
   * Weights, lease and counters as they are now; null where nothing is to serve the route. Repeatable; at most 5 seconds.
   * @throws Error while what should serve it is away: nothing may be concluded from that.
   */
  read(route: Route): Promise<RouterState | null>;
  /** Sets weights and lease together; all following requests obey them. Repeatable; milliseconds. Refused: `TrafficRefused`; no room for it: `TrafficUnsaved`. */
  setWeights(route: Route, change: WeightsChange): Promise<RouterState>;
  /** Renews the lease, or ends it because the release is proven. False: that holder has no lease any more. Repeatable; milliseconds. */
  lease(route: Route, change: LeaseChange): Promise<boolean>;
  /** Forgets a release without weight and closes what it still has in flight. Unknown: nothing to do. Repeatable; milliseconds. */
  forget(route: Route, release: string): Promise<void>;
}

/** What it takes to change the number of a release's instances; part of `contract.ts`. */
import type { LastRequests } from '../domain/diagnosis/impact';
import type { ReleaseRef, SetWeightsRequest, TrafficFacts } from './contract';
import type { StartedRelease } from '../domain/release';

export interface ScaleRequest extends ReleaseRef {
  /** How many are to run; those with the lowest numbers. */
  readonly count: number;
  /** `more` are started and healthy before the router knows them; `fewer` are drained first. */
  readonly to: 'more' | 'fewer';
  /** Who holds a lease that must not run out meanwhile; null: nobody. */
  readonly holder: string | null;
  /** An undo goes on without the lease, and is repeated while the router cannot save it; anything else is given up then. */
  readonly isUndo: boolean;
  /** Weights and lease to be set: before the first is taken out, or after the last is healthy; null: they stay as they are. */
  readonly traffic: Pick<SetWeightsRequest, 'weights' | 'lease'> | null;
}

export interface ScaledRelease extends StartedRelease {
  /** Requests in flight that did not end in time, and were cut. */
  readonly left: number;
  readonly traffic: TrafficFacts;
}

export interface Drained {
  /** Still in flight at the end, streams included: they are cut. */
  readonly left: number;
  readonly seconds: number;
  /** Absent where an older worker drained, or no router knew the release. */
  readonly last?: LastRequests;
}

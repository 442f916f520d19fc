/** What activities tell beside their results: how an environment and a machine are, and what a long activity says while it works. */
import type { WatchResult } from '../domain/judge/figures';
import type { MeasuredTraffic } from '../domain/plan/verdicts';
import type { ReleaseStatus, ServingHealth } from '../domain/release';
import type { EnvironmentSpec } from '../domain/spec/spec';
import type { Tier, Weights } from '../domain/words';

/** What a long activity says while it works (heartbeat details; followers read them from the pending activity). */
export type Progress = CommandProgress | WatchProgress;

export interface CommandProgress {
  readonly kind: 'command';
  readonly doing: string;
  /** Since when, in epoch milliseconds; missing where an older worker works. */
  readonly since?: number;
  /** The last lines, each with its number in the whole output. */
  readonly lines: readonly { readonly n: number; readonly text: string }[];
  /** File with the whole output, on the worker's machine. */
  readonly log: string | null;
}

export interface WatchProgress {
  readonly kind: 'watch';
  readonly weights: Weights;
  readonly measured: Readonly<Record<string, number>>;
  readonly newRelease: WatchResult['newRelease'];
  readonly oldRelease: WatchResult['oldRelease'];
  readonly real: number;
  readonly own: number;
  readonly untilMs: number;
  /** Absent where an older worker watches. */
  readonly metrics?: WatchResult['metrics'];
  /** What a repeated attempt goes on from. */
  readonly resume: unknown;
}

export interface EnvironmentQuery {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  /** Ask the instances that serve whether they are healthy, which takes up to twice `health.timeout`. */
  readonly checkServing?: boolean;
}

export interface EnvironmentFacts {
  readonly environment: Tier;
  readonly releases: readonly ReleaseStatus[];
  readonly weights: Weights;
  /** Share of requests since the last change, in percent by release. */
  readonly measured: Readonly<Record<string, number>>;
  readonly lease: { readonly holder: string; readonly until: string; readonly fallback: Weights } | null;
  /** Variable name to version or fingerprint; null: cannot be resolved now. */
  readonly secretVersions: Readonly<Record<string, string | null>>;
  /** What it was asked for in the last days; null: not measured. */
  readonly traffic?: MeasuredTraffic | null;
  /** Of the release that serves; missing: nobody asked, or nothing serves. */
  readonly serving?: ServingHealth;
  /** Such as a `listen` that another application holds. */
  readonly refusals: readonly string[];
  /** What this machine cannot see to; missing: nothing. */
  readonly warnings?: readonly string[];
  /** Version of the machine's Node. */
  readonly node: string;
}

export interface MachineFacts {
  readonly app: string;
  readonly environment: string;
  readonly listen: string;
  readonly releases: readonly ReleaseStatus[];
  readonly weights: Weights;
  readonly measured: Readonly<Record<string, number>>;
  /** Is the router there? */
  readonly serving: boolean;
}

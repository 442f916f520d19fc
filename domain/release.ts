/** One artifact running in one environment, as the platform reports it: asked, not remembered. */
import type { InstanceStatus, OwnChecks } from './host/runner';
import type { SecretVersions } from './plan/agreed';
import type { Address } from './words';

export interface ReleaseStatus {
  readonly release: string;
  readonly version: string;
  readonly artifact: string;
  readonly environment: string;
  /** `degraded`: some instance is not running. */
  readonly state: 'starting' | 'running' | 'degraded' | 'stopped';
  /** It stood its watch: a release that a deployment may go back to. */
  readonly proven: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly instances: readonly InstanceStatus[];
  readonly addresses: readonly Address[];
  /** How many instances are to run now, and how many it has when it is whole; absent where that is not known. */
  readonly wanted?: number;
  readonly whole?: number;
}

/** Does the release that serves still work? Every instance was asked on its health path. */
export interface ServingHealth {
  readonly release: string;
  readonly healthy: number;
  readonly of: number;
  /** What an unhealthy one answered; null: all are healthy. */
  readonly seen: string | null;
}

export interface StartedRelease {
  readonly addresses: readonly Address[];
  readonly seconds: number;
  /** Of the secrets that it was started with, by variable name; missing: they were resolved before. */
  readonly secretVersions?: SecretVersions;
}

export interface RestartedRelease extends StartedRelease {
  /** Of the spec that it was started with; missing: not known, since an earlier version started it. */
  readonly checks?: OwnChecks;
}

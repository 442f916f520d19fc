/** What a platform must promise: it runs releases. Every method is "ensure": it may be repeated, also after it was cut off half-way. */
import type { OwnChecks, ReleaseDefinition } from '../../domain/host/runner';
import type { ReleaseStatus } from '../../domain/release';
import type { Address } from '../../domain/words';

/** Names one release. */
export interface ReleaseName {
  readonly app: string;
  readonly environment: string;
  readonly release: string;
}

export interface StartRequest extends Omit<ReleaseDefinition, 'format' | 'createdAt'> {
  /** How many of its instances are started now; missing: all. `scale` starts more. */
  readonly count?: number;
  /** A local file, its digest verified by the caller, and what it is. */
  readonly artifactFile: string;
  readonly artifactKind: 'tar' | 'zip';
  /** Variable name to value. They are sealed at rest, and given to instances by their environment only. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Started {
  readonly instances: readonly Address[];
}

export interface Platform {
  /**
   * Starts a release without traffic; answers as soon as every instance was started once, healthy or not: `status` tells. The same
   * release again changes nothing and starts it when it does not run; with another definition it is an error. Seconds, at most a minute
   * after unpacking.
   */
  start(request: StartRequest): Promise<Started>;
  /**
   * So many instances of a kept release run, those with the lowest numbers, on their ports; the others are ended as by `stop`, and
   * their files stay. `all`: as many as it was made for. Answers its own checks, where they are known. An error when it is not kept. At most its grace time and a minute.
   */
  scale(name: ReleaseName, count: number | 'all'): Promise<Started & { readonly checks: OwnChecks | null }>;
  /** Every release of an application and environment that has files or processes, newest first. Changes nothing; at most 5 seconds. */
  status(app: string, environment: string): Promise<readonly ReleaseStatus[]>;
  /** Remembers durably that a release stood its watch. An error when there is no such release. Milliseconds. */
  mark(name: ReleaseName, marks: { readonly proven: true }): Promise<void>;
  /**
   * Ends every process of a release: SIGTERM, SIGKILL after its grace time; drains nothing. Then its files go, unless `keep`. No release of
   * that name: nothing to do. Its grace time and a few seconds.
   */
  stop(name: ReleaseName, options: { readonly keep: boolean }): Promise<void>;
}

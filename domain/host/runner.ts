/**
 * What a runner is told (`release.json` in its folder; `wanted.json` where not all instances are to run), and what it says over its admin socket (HTTP/1.1 with JSON over a
 * Unix socket of mode 0600).
 *
 * | request | does | repeatable |
 * | --- | --- | --- |
 * | `GET /state` | answers `RunnerState` | yes |
 * | `PUT /instances` `{ count }` | so many instances run from now on, those with the lowest numbers: saved, then the others get SIGTERM, SIGKILL after the grace time, and missing ones are started; answers `RunnerState` when the others are gone and every wanted one was started once. A runner of an older version answers 404: it runs all of them | yes |
 * | `GET /use` | answers `UseHistory`: CPU and memory of each instance since the runner started | yes |
 * | `PUT /stop` | SIGTERM to every instance, SIGKILL after the grace time; answers when all are gone; the runner then ends | yes |
 */
import type { Command, HealthSpec, SmokeCheck } from '../spec/spec';

/** Folder layout: `release.json`, `secrets.sealed`, `app/` (the unpacked artifact), `logs/`. */
export interface ReleaseDefinition {
  readonly format: 1;
  readonly app: string;
  readonly environment: string;
  readonly release: string;
  readonly version: string;
  readonly artifact: string;
  readonly start: Command;
  readonly directory: string;
  readonly instances: number;
  readonly port: { readonly variable: string } | { readonly fixed: number };
  readonly variables: Readonly<Record<string, string>>;
  readonly persistent: readonly string[];
  readonly graceMs: number;
  /** Bound of all log files of the release together, in bytes. */
  readonly logBytes: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Missing: made by an earlier version. */
  readonly checks?: OwnChecks;
}

/** How a release's own spec tells whether it is well: a later spec may ask for what it does not have. */
export interface OwnChecks {
  readonly health: HealthSpec;
  readonly smoke: readonly Extract<SmokeCheck, { kind: 'get' }>[];
}

export const INSTANCE_STATES = ['starting', 'running', 'backing-off', 'stopping', 'stopped'] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

export interface InstanceStatus {
  readonly instance: number;
  readonly state: InstanceState;
  readonly pid: number | null;
  readonly port: number;
  /** Who listens on its port while it is away or starting, in words: `a process of nobody (uid 65534)`; absent: nobody else. */
  readonly heldBy?: string;
  /** Times that it was started again after an exit. */
  readonly restarts: number;
  readonly startedAt: number | null;
  /** The last exit; code and signal are null where the runner had been replaced meanwhile and could not learn them. */
  readonly lastExit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly at: number;
    /** What it left running, in words; it was ended then. Absent: nothing. */
    readonly left?: string;
  } | null;
  /** Of one core, over the last second; null before the first reading. The whole process group counts. */
  readonly cpu: number | null;
  /** Resident, of the whole process group. */
  readonly memoryBytes: number | null;
}

/** What an instance used over a while; after a restart it goes on with the next process. */
export interface UseSample {
  /** Epoch milliseconds of its end. */
  readonly at: number;
  /** Of one core, on average over it. */
  readonly cpu: number;
  /** The most within it. */
  readonly memoryBytes: number;
  /** Absent where a runner of an older version keeps it, or it could not be measured. */
  readonly main?: MainThread;
}

/** Of the main thread of an instance (of its processes the one that wanted most), each a share of the time: together they are 1 where it computes without a pause, however little it gets. */
export interface MainThread {
  readonly ran: number;
  /** It could have run, and no processor was free for it. */
  readonly waited: number;
}

/** By instance number, oldest first; at most 120 samples each, of a second at first and of longer whiles later. */
export type UseHistory = Readonly<Record<string, readonly UseSample[]>>;

export interface RunnerState {
  readonly pid: number;
  readonly release: string;
  readonly version: string;
  readonly artifact: string;
  /** How many are to run; absent where a runner of an older version runs, which runs all. */
  readonly wanted?: number;
  /** The wanted ones, and others that have not ended yet. */
  readonly instances: readonly InstanceStatus[];
}

/** One line of `logs/release.ndjson`. */
export interface LogLine {
  readonly at: string;
  readonly instance: number;
  /** `mvca`: what the runner itself says (started, exited with, killed). */
  readonly stream: 'out' | 'err' | 'mvca';
  readonly line: string;
}

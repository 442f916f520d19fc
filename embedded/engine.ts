/** What the embedded stack is made of, and what is said of it. */
import type { Home } from '../system/home';

export const PARTS = ['temporal', 'postgres', 'worker'] as const;
export type PartName = (typeof PARTS)[number];

/** How the parts are named to people. */
export const PART_NAMES: Readonly<Record<PartName, string>> = {
  temporal: 'Temporal',
  postgres: 'PostgreSQL',
  worker: 'the worker',
};

/** `refused`: starting it again would not help; a person has to do something first. */
export type PartStateName = 'waiting' | 'starting' | 'running' | 'backing-off' | 'refused' | 'stopping' | 'stopped';

export interface PartStatus {
  readonly state: PartStateName;
  readonly pid: number | null;
  /** Times that it was started again after it had ended. */
  readonly restarts: number;
  readonly address: string | null;
  /** Epoch milliseconds of the last change of state. */
  readonly since: number;
  /** Why it is not running, or how it last ended. */
  readonly reason: string | null;
}

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
}

/** The files that a client needs, in PEM. Who can read them may do everything. */
export interface KeyFiles {
  /** Certificate of the authority that the server is known by. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** The embedded server: behind a gate that takes mutual TLS, with a Web UI that `mvca ui` opens. */
export interface GuardedAddress extends TemporalAddress {
  readonly keys: KeyFiles;
}

/** For `pg`: `host` is the folder of a Unix socket. There is no password: only this user can reach the socket. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** An embedded stack that serves. */
export interface Engine {
  readonly home: Home;
  readonly temporal: GuardedAddress;
  readonly database: DatabaseAddress;
}

/** The answer of the supervisor to `GET /state`. */
export interface EngineState {
  readonly pid: number;
  /** Which build of ours runs: `<version> <path>`. Another one is replaced by `up`. */
  readonly program: string;
  readonly home: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly parts: Readonly<Record<PartName, PartStatus>>;
  /** null until Temporal's ports are known. */
  readonly temporal: GuardedAddress | null;
  readonly database: DatabaseAddress;
  /** What a person should know, such as a port that had to change. */
  readonly notes: readonly string[];
}

/** Told of what is going on, one line at a time. */
export type Progress = (line: string) => void;

/** Something that trying again will not mend; the message says what to do. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
}

/** What is known of a release besides its logs. Gathered by an activity; values of variables and secrets are never in it. */
import type { ReleaseFigures } from '../host/router';
import type { InstanceStatus, MainThread, OwnChecks, UseSample } from '../host/runner';
import type { Command } from '../spec/spec';
import type { Why } from '../words';

export interface ReleaseFacts {
  readonly release: string;
  readonly version: string;
  /** How it was told to run; null: its definition is not kept. */
  readonly definition: DefinitionFacts | null;
  /** Secrets by name, each with a fingerprint that tells two values apart; null: they cannot be read. */
  readonly secrets: Readonly<Record<string, string>> | null;
  /** Installed packages by name; null: no lock file lies in the artifact, or none that could be read. */
  readonly packages: Packages | null;
  /** Of package.json and lock files, what is there and could not be read; missing: none. */
  readonly unread?: readonly UnreadFile[];
  readonly instances: readonly InstanceStatus[];
  /** By instance, oldest first; empty where the runner keeps none. */
  readonly uses: Readonly<Record<string, readonly UseSample[]>>;
  /** null: no router counts for it. */
  readonly figures: ReleaseFigures | null;
  /** What each instance answered just now; empty where nothing was asked. */
  readonly answers: readonly InstanceAnswer[];
}

export interface DefinitionFacts {
  readonly start: Command;
  readonly directory: string;
  readonly instances: number;
  readonly port: { readonly variable: string } | { readonly fixed: number };
  readonly persistent: readonly string[];
  /** How long an instance has to end when it is told to. */
  readonly graceMs: number;
  /** Health check and smoke requests; null: kept by an earlier version, which did not write them down. */
  readonly checks: OwnChecks | null;
  /** By name, each with a fingerprint of its value. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the application asks of Node.js (`engines.node`); null: nothing. */
  readonly node: string | null;
}

export interface UnreadFile {
  readonly file: string;
  /** Follows the name of the file: `… is larger than 33554432 bytes`. */
  readonly why: string;
}

export interface Packages {
  /** Name of the lock file. */
  readonly file: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Those that the application itself asks for, as far as the lock file or package.json tells. */
  readonly direct: readonly string[];
}

export interface InstanceAnswer {
  readonly instance: number;
  /** Of `health.path`. */
  readonly health: Answered;
  /** Of `/`. */
  readonly root: Answered;
  /** What its processes listen on; null: it could not be told. */
  readonly listening: readonly number[] | null;
  /** While it was asked; null or absent: it could not be told. */
  readonly main?: MainThread | null;
}

export interface Answered {
  readonly path: string;
  readonly status: number | null;
  /** Such as `ECONNREFUSED` or `ETIMEDOUT`; null where there was an answer. */
  readonly code: string | null;
  readonly ms: number;
}

export interface Facts {
  /** ISO 8601: when they were gathered. */
  readonly at: string;
  readonly fresh: ReleaseFacts;
  readonly old: ReleaseFacts | null;
  /** What the watch measured when it gave up. */
  readonly why: Why | null;
  /** What an instance may use of the memory, in bytes. */
  readonly memoryLimitBytes: number;
  /** Answers above this count as slow, in milliseconds. */
  readonly slowMs: number;
  /** Of answers that count as failed besides 5xx. */
  readonly errorStatuses: readonly number[];
}

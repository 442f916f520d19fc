/** What a diagnosis says: causes, best first, each with what speaks for it and what mends it. */

export interface Evidence {
  /** The log that it stands in, as it was given. */
  readonly source: string;
  /** ISO 8601, or null where the line has no time. */
  readonly at: string | null;
  /** From 1. */
  readonly line?: number;
  /** Masked. */
  readonly text: string;
}

export interface Remedy {
  readonly text: string;
  /** Can be typed. */
  readonly command?: string;
}

export interface Cause {
  /** A word that scripts can rely on, such as `missing-variable`. */
  readonly cause: string;
  /** 0 to 1: how well it explains the trouble, not a probability. */
  readonly confidence: number;
  readonly title: string;
  /** How often it was seen in the new release's logs. */
  readonly count: number;
  /** How often in the old release's logs. */
  readonly countBefore: number;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy;
}

/** What was looked at, whether or not a cause was found. */
export interface Looked {
  readonly source: string;
  readonly release: 'new' | 'old';
  readonly lines: number;
  /** Entries of level error or above, and errors with a trace. */
  readonly errors: number;
  /** Of what is no log: what was there, in words. */
  readonly found?: string;
}

/** Whom it hit: numbers of the new release since it got traffic, as the router counted them. */
export interface Impact {
  readonly requests: number;
  /** Answers of 500 and above, and those that never came. */
  readonly failed: number;
  /** Of the failed: had no answer to its end when the release was taken away, and were cut off; absent: none. */
  readonly cut?: number;
  /** Besides: have waited for an answer for longer than it may take; absent: none. */
  readonly waiting?: number;
  /** Distinct clients, estimated; null: not known. */
  readonly clients: number | null;
  /** Of those, the ones that saw a failed answer; estimated; null: not known. */
  readonly clientsAffected: number | null;
  /** Most failed first. */
  readonly routes: readonly RouteImpact[];
}

export interface RouteImpact {
  /** The path without its query, identifiers as `:id`, as the router counts it. */
  readonly route: string;
  readonly requests: number;
  readonly failed: number;
}

export interface Diagnosis {
  readonly causes: readonly Cause[];
  readonly looked: readonly Looked[];
  /** Without a cause: lines of trouble that only the new release has. */
  readonly unexplained: readonly Evidence[];
  /** null: the new release had no traffic, or nobody counted. */
  readonly impact: Impact | null;
}

/** One log. */
export interface LogText {
  readonly source: string;
  readonly text: string;
}

/** What is known about the application, so that a remedy can be a command. */
export interface Context {
  readonly app: string | null;
  readonly environment: string | null;
  /** Names that the spec gives a plain value. */
  readonly variables: readonly string[];
  /** Names that the spec takes from a secret, or requires. */
  readonly secrets: readonly string[];
  /** The name that holds the database's address or password. */
  readonly databaseSecret: string | null;
  readonly healthPath: string | null;
}

export const NO_CONTEXT: Context = {
  app: null,
  environment: null,
  variables: [],
  secrets: [],
  databaseSecret: null,
  healthPath: null,
};

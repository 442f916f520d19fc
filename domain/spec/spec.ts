/**
 * The normalised form of `deployment.yaml`: what the schemas beside this file yield, with every default filled in,
 * durations in milliseconds, sizes in bytes and shares between 0 and 1. JSON-safe: it travels through Temporal.
 */
import type { Tier } from '../words';

/**
 * One command as arguments, run without a shell. In those of an environment (`start`, `run`, `integration`) `substitute` puts in
 * `$NAME` at the moment of use, and `$$` stands for a dollar; those of build and tests are run as they are.
 */
export type Command = readonly string[];

export interface Spec {
  readonly app: string;
  readonly source: { readonly git: boolean };
  readonly build: BuildSpec;
  readonly tests: TestSpec;
  /** In the order of promotion. */
  readonly environments: readonly EnvironmentSpec[];
  readonly notify: readonly NotifierSpec[];
}

export interface BuildSpec {
  /** null: what the lock file asks for. */
  readonly install: readonly Command[] | null;
  readonly command: readonly Command[];
  readonly variables: Readonly<Record<string, string>>;
  readonly artifact: {
    readonly kind: 'tar' | 'zip';
    /** Paths to package; empty: everything but what the ignore rules name. */
    readonly include: readonly string[];
    readonly prune: boolean;
  };
  /** Folders whose files get gzip and brotli copies beside them. */
  readonly static: readonly string[];
  readonly timeoutMs: number;
  /** What reaches the network: only the install, or nothing. Left away: all commands. */
  readonly network?: 'install' | 'none';
}

export interface TestSpec {
  readonly unit: readonly Command[];
  readonly integration: readonly Command[];
  /** Path of the coverage report and the least share of lines covered (0 to 1). */
  readonly coverage: { readonly path: string; readonly minimum: number } | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The tests reach no network. Left away: they do. */
  readonly network?: 'none';
}

export interface EnvironmentSpec {
  readonly name: Tier;
  readonly platform: ProcessPlatformSpec;
  readonly traffic: RouterTrafficSpec;
  /** Text exactly as written. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variable name to `secret://…` reference; never a value. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly requires: readonly RequiredVariable[];
  readonly databases: Readonly<Record<string, DatabaseSpec>>;
  /** Name to URL that must answer (any status below 500). */
  readonly services: Readonly<Record<string, string>>;
  readonly health: HealthSpec;
  readonly stop: { readonly graceMs: number };
  readonly smoke: readonly SmokeCheck[];
  /** Commands run against the new release before it has traffic; they get BASE_URL. */
  readonly integration: readonly Command[];
  /** For all of them together. */
  readonly integrationTimeoutMs: number;
  readonly strategy: StrategySpec;
  readonly watch: WatchSpec;
  /** null: nobody is asked. */
  readonly approval: ApprovalSpec | null;
  readonly retire: { readonly afterMs: number };
  /** The way back is tried here before a later environment is changed. */
  readonly rehearse: boolean;
}

export interface ProcessPlatformSpec {
  readonly kind: 'process';
  readonly start: Command;
  readonly instances: number;
  /** How an instance learns its port: by a variable, or fixed in its code. */
  readonly port: { readonly variable: string } | { readonly fixed: number };
  /** Where `start` runs, relative to the artifact's root. */
  readonly directory: string;
  /** Must never run twice at once. */
  readonly singleton: boolean;
  /** Folders (relative to `directory`) that outlive a release. */
  readonly persistent: readonly string[];
  /** Range that the machine's Node must satisfy (`>=22`), or null. */
  readonly node: string | null;
  /** Resident memory that one instance may use, in bytes; null: its share of the machine's. */
  readonly memoryBytes: number | null;
}

export interface RouterTrafficSpec {
  readonly kind: 'router';
  readonly listen: { readonly host: string; readonly port: number };
  /** How long requests in flight, WebSockets and streams of a release without weight may go on. */
  readonly drainMs: number;
  /** Where the router shows its figures and those of the runners; absent in deployments that an earlier version started. */
  readonly metrics?: { readonly host: string; readonly port: number } | null;
  /** Addresses and networks of proxies that are believed; absent: none. */
  readonly trust?: readonly string[];
  /** Connections that one client address may have; absent: no number. */
  readonly connections?: number;
}

export const VARIABLE_FORMS = ['text', 'port', 'number', 'boolean', 'url', 'email', 'json'] as const;
export type VariableForm = (typeof VARIABLE_FORMS)[number];
export interface RequiredVariable {
  readonly name: string;
  readonly form: VariableForm;
}

/** Each part is text in which `$NAME` stands for a variable or secret of the environment. */
export type DatabaseSpec =
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'parts';
      readonly host: string;
      readonly port: string;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

export interface Expectation {
  /** Statuses that are right. */
  readonly status: readonly number[];
  readonly contains: string | null;
  /** Content type, without parameters. */
  readonly type: string | null;
  /** Header name (lower case) to the value that it must contain. */
  readonly header: Readonly<Record<string, string>>;
}

/** What a request of ours carries. */
export interface Sending {
  /** Header name (lower case) to its value; missing: nothing but our own. */
  readonly send?: Readonly<Record<string, string>>;
}

export interface HealthSpec extends Expectation, Sending {
  readonly path: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Deadline for becoming healthy. */
  readonly startMs: number;
}

export type SmokeCheck =
  | ({ readonly kind: 'get'; readonly path: string; readonly timeoutMs: number } & Expectation & Sending)
  | { readonly kind: 'run'; readonly command: Command; readonly timeoutMs: number };

export interface WatchSpec {
  readonly forMs: number;
  /** Objective: at most this share of answers may be errors (5xx, no answer, or a status of `errorStatuses`). */
  readonly errors: number;
  readonly errorStatuses: readonly number[];
  /** An answer that takes longer is slow. */
  readonly responseMs: number;
  /** Objective: at most this share of answers may be slow. */
  readonly slow: number;
  /** Share of CPU (of one core, per instance) and of memory that instances may use. */
  readonly resources: number;
  /** Requests that the watch sends itself where traffic is thin; empty: those of `smoke`. */
  readonly probes: readonly Extract<SmokeCheck, { kind: 'get' }>[];
  /** Least number of answers for a verdict. */
  readonly minimum: number;
  /** How long a person may be waited for when the watch stays inconclusive; then it is rolled back. */
  readonly deadlineMs: number;
  /** Objectives from outside; absent in deployments that an earlier version started. */
  readonly metrics?: readonly WatchMetricSpec[];
}

export interface WatchMetricSpec {
  readonly name: string;
  /** URL of a Prometheus, without `/api/v1/query`. */
  readonly prometheus: string;
  /** PromQL with `$RELEASE`, `$APP` and `$ENVIRONMENT`. */
  readonly query: string;
  /** One of both at least is there. */
  readonly max: number | null;
  readonly min: number | null;
  readonly everyMs: number;
  /** `secret://…` reference to a bearer token. */
  readonly token: string | null;
}

export interface ApprovalSpec {
  /** Who may approve; empty: anybody but the requester. */
  readonly from: readonly string[];
  readonly needs: number;
  readonly deadlineMs: number;
  readonly requester: 'may' | 'may-not';
  /** What happens to the environments before, when the answer is no. */
  readonly onRejected: 'keep' | 'undo';
}

export interface NotifierSpec {
  readonly kind: 'webhook' | 'slack';
  /** A URL, or a `secret://…` reference to one. */
  readonly url: string;
}

/** One thing that is wrong with a spec. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Such as `environments.production.watch.for`. */
  readonly path: string;
  /** The value as written, shortened; null where a value is missing. */
  readonly value: string | null;
  readonly expected: string;
  /** The nearest known word, where there is one. */
  readonly nearest: string | null;
}

export type StrategySpec = { readonly kind: 'blue-green' } | CanarySpec | RollingSpec;

export interface RollingSpec {
  readonly kind: 'rolling';
  /** Instances that are replaced at a time; fewer than there are. */
  readonly batch: number;
  /** How long each batch but the last is watched, beside the old release. */
  readonly eachMs: number;
  /** When a batch was watched twice as long and still gave no verdict. */
  readonly onInsufficient: OnInsufficient;
  /** Whether a user stays on one release; absent in deployments that an earlier version started. */
  readonly stickiness?: 'none' | 'cookie';
}

export interface CanarySpec {
  readonly kind: 'canary';
  /** Percent of the traffic, rising; the last is 100. */
  readonly steps: readonly number[];
  /** How long each share below 100 % is watched. */
  readonly eachMs: number;
  /** When a share was watched twice as long and still gave no verdict. */
  readonly onInsufficient: OnInsufficient;
  /** Whether a user stays on one release; absent in deployments that an earlier version started. */
  readonly stickiness?: 'none' | 'cookie';
}

export type OnInsufficient = 'hold' | 'promote' | 'rollback';

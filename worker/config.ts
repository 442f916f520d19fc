/** Everything that a worker reads from its environment, read here and nowhere else. */
import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ENV_GRANTS, readEnvGrants, type EnvGrant } from '../domain/secrets/env-grants';
import type { Anchor } from '../activities/anchors';
import { TIERS } from '../domain/words';
import { homeAt, type Home } from '../system/home';

/** Where the records are: a URL, or the parts of the embedded stack, whose host is the folder of a Unix socket. */
export type DatabaseAddress =
  string | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

export interface WorkerConfig {
  readonly home: Home;
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  readonly database: DatabaseAddress;
  /** Task queues to serve: `control`, `build`, `deploy-<environment>`. */
  readonly queues: readonly string[];
  /** Where heads of the audit log are written down as well (`MVCA_AUDIT_ANCHOR`); null: nowhere. */
  readonly anchor: Anchor | null;
  /** Folder in which what watches see is recorded (`MVCA_WATCH_RECORDINGS`); null: it is not. */
  readonly recordings: string | null;
  /** Numbers of accounts beside its own and root whose folders it deploys from (`MVCA_SOURCE_OWNERS`). */
  readonly owners: readonly number[];
  /** What `secret://env/NAME` may see, and for whom. */
  readonly environment: { readonly variables: NodeJS.ProcessEnv; readonly grants: readonly EnvGrant[] };
}

const ALL_QUEUES = ['control', 'build', ...TIERS.map((tier) => `deploy-${tier}`)];

/** @throws Error that names the variable, its value and what was expected. */
export function readConfig(environment: NodeJS.ProcessEnv): WorkerConfig {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    home: homeAt(environment['MVCA_HOME'], environment),
    connection: connectionOptions,
    namespace: namespace ?? 'default',
    database: readDatabase(environment['MVCA_DATABASE']),
    queues: readQueues(environment['MVCA_QUEUES']),
    anchor: readAnchor(environment['MVCA_AUDIT_ANCHOR']),
    recordings: readFolder('MVCA_WATCH_RECORDINGS', environment),
    owners: readOwners(environment['MVCA_SOURCE_OWNERS']),
    environment: { variables: environment, grants: readEnvGrants(environment[ENV_GRANTS]) },
  };
}

/** A file, named whole, or the URL of a receiver. */
function readAnchor(text: string | undefined): Anchor | null {
  if (text === undefined || text === '') return null;
  if (path.isAbsolute(text)) return { kind: 'file', path: text };
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return { kind: 'webhook', url: text };
  throw new Error(
    `MVCA_AUDIT_ANCHOR is ${JSON.stringify(text.slice(0, 200))}; expected the absolute path of a file outside MVCA_HOME, or a URL that begins with https://`,
  );
}

function readFolder(name: string, environment: NodeJS.ProcessEnv): string | null {
  const text = environment[name] ?? '';
  if (text === '') return null;
  if (path.isAbsolute(text)) return text;
  throw new Error(`${name} is ${JSON.stringify(text.slice(0, 200))}; expected the absolute path of a folder`);
}

function readDatabase(text: string | undefined): DatabaseAddress {
  if (text === undefined || text === '') {
    throw new Error(
      'MVCA_DATABASE is not set; expected the URL of the PostgreSQL that keeps the records, such as postgres://mvca@db.example.com/mvca',
    );
  }
  if (!text.startsWith('{')) return text;
  return JSON.parse(text) as DatabaseAddress;
}

function readQueues(text: string | undefined): readonly string[] {
  if (text === undefined || text.trim() === '') return ALL_QUEUES;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !ALL_QUEUES.some((queue) => name === queue || name.startsWith(`${queue}-`)));
  if (unknown.length > 0)
    throw new Error(`MVCA_QUEUES names ${unknown.join(', ')}; expected some of ${ALL_QUEUES.join(', ')}`);
  return names;
}

function readOwners(text: string | undefined): readonly number[] {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  const wrong = parts.find((part) => !/^\d{0,10}$/.test(part));
  if (wrong === undefined) return parts.filter((part) => part !== '').map(Number);
  throw new Error(
    `MVCA_SOURCE_OWNERS has ${JSON.stringify(wrong.slice(0, 100))}; expected numbers of accounts, such as 1000,1001`,
  );
}

/** Everything that a worker reads from its environment, read here and nowhere else. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ENV_GRANTS, readEnvGrants, type EnvGrant } from '../domain/secrets/env-grants';
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
    environment: { variables: environment, grants: readEnvGrants(environment[ENV_GRANTS]) },
  };
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

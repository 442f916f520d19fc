/** The way to the engine: the embedded stack, or the cluster that the environment or a Temporal profile names. */
import { Client, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { IdentityView } from '../domain/identity/identity';
import { connectionTo, EngineRefusal, engineState, up } from '../embedded';
import type { GuardedAddress } from '../embedded';
import { readConfig, type ClientConfig } from './config';
import { EngineUnreachable, unreachedReason } from './errors';
import { ask } from './execute';
import { createSigner, type Signer } from './signing/signer';
import { connectTemporal } from './temporal-connection';
import { trimEnd } from '../domain/trim-end';

const CONNECT_MS = 5_000;

export interface EngineConnection {
  readonly kind: 'embedded' | 'cluster';
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Signs what people send; missing: nothing is signed. */
  readonly signer?: Signer;
  /** Of the connection as it is now; `renew` makes another one. */
  readonly client: Client;
  /** The run's page in the Web UI; null where it is not known where that is. */
  webUi(workflowId: string, runId: string): string | null;
  /** Runs calls with a deadline. @throws EngineUnreachable when there is no answer within `ms`. */
  within<T>(ms: number, call: (client: Client) => Promise<T>): Promise<T>;
  /** Connects again, to wherever the engine is now. @throws EngineUnreachable */
  renew(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly config?: ClientConfig;
  /** Start the embedded stack when it does not run (`false`: say so instead). No cluster is ever started. */
  readonly start?: boolean;
  /** File of the key that signs (default: `MVCA_KEY`, else one that the engine knows). */
  readonly key?: string;
  /** Told what goes on while the stack starts, a line at a time. */
  readonly log?: (line: string) => void;
}

interface Target {
  readonly connection: ConnectionOptions;
  readonly address: string;
  readonly namespace: string;
  readonly ui: string | null;
  /** Where it shows the current details; older ones, which a cluster may have, know no `user-metadata`. */
  readonly page: 'user-metadata' | 'history';
}

/**
 * Connects to the engine. With `TEMPORAL_ADDRESS` (or `TEMPORAL_PROFILE`, `TEMPORAL_CONFIG_FILE`) that is the cluster named there; else
 * the embedded stack of `MVCA_HOME`, which is started when it does not run.
 * @throws EngineUnreachable with the address and the next step, within about five seconds.
 */
export async function connect(options: ConnectOptions = {}): Promise<EngineConnection> {
  const config = options.config ?? readConfig();
  const find = () => (config.usesCluster ? cluster(config) : embedded(config, options));
  let target = await find();
  let client = await open(target, config);
  const close = () => client.connection.close();
  const identities = () => ask<readonly IdentityView[] | null>(connection, { kind: 'identities' });
  const connection: EngineConnection = {
    signer: createSigner({ key: options.key ?? config.key, identities }),
    kind: config.usesCluster ? 'cluster' : 'embedded',
    taskQueue: config.taskQueue,
    get address() {
      return target.address;
    },
    get namespace() {
      return target.namespace;
    },
    get client() {
      return client;
    },
    webUi: (workflowId, runId) => runPage(target, workflowId, runId),
    within: (ms, call) => answered(target.address, () => client.withDeadline(Date.now() + ms, () => call(client))),
    renew: async () => {
      target = await (config.usesCluster ? cluster(config) : embedded(config, { start: false }));
      const broken = client.connection;
      client = await open(target, config);
      await broken.close();
    },
    close,
  };
  return connection;
}

async function embedded(
  config: ClientConfig,
  { start = true, log = () => undefined }: ConnectOptions,
): Promise<Target> {
  const temporal = start ? (await up(config.home, { log })).temporal : (await engineState(config.home))?.temporal;
  if (!temporal) {
    throw new EngineUnreachable(`the engine in ${config.home.root} is not running; start it with \`mvca up\``);
  }
  const { address, namespace, uiUrl } = temporal;
  return { connection: await letIn(temporal), address, namespace, ui: uiUrl, page: 'user-metadata' };
}

async function letIn(temporal: GuardedAddress): Promise<ConnectionOptions> {
  try {
    return await connectionTo(temporal);
  } catch (cause) {
    if (cause instanceof EngineRefusal) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineUnreachable(`the keys of the engine cannot be read (${reason}); start it anew with \`mvca up\``, {
      cause,
    });
  }
}

async function cluster(config: ClientConfig): Promise<Target> {
  const { connectionOptions, namespace } = loadProfile();
  const address = connectionOptions.address ?? 'localhost:7233';
  const { apiKey, tls, metadata } = connectionOptions;
  const connection = {
    address,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return { connection, address, namespace: namespace ?? 'default', ui: config.clusterUi, page: 'history' };
}

/** What a person should know of the way to a cluster; null where it is closed, or open because the profile says so (`TEMPORAL_TLS=false`). */
export function clusterWarning(): string | null {
  const { address = 'localhost:7233', apiKey, tls } = loadProfile().connectionOptions;
  if (apiKey !== undefined || tls !== undefined) return null;
  return (
    `the connection to ${address} is neither encrypted nor authenticated: whoever reaches that address can command every deployment; ` +
    'set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (mutual TLS) or TEMPORAL_API_KEY, or TEMPORAL_TLS=false where something else guards it'
  );
}

function loadProfile(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineUnreachable(
      `the Temporal profile cannot be read: ${reason}; look at TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE`,
      {
        cause,
      },
    );
  }
}

async function open(target: Target, config: ClientConfig): Promise<Client> {
  try {
    const connection = await connectTemporal({ ...target.connection, connectTimeout: CONNECT_MS });
    return new Client({ connection, namespace: target.namespace });
  } catch (cause) {
    const next = config.usesCluster
      ? 'is it running, and is TEMPORAL_ADDRESS (or the profile) right?'
      : 'look at `mvca doctor`, or start it with `mvca up`';
    throw new EngineUnreachable(`the engine at ${target.address} cannot be reached; ${next}`, { cause });
  }
}

async function answered<T>(address: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const reason = unreachedReason(cause);
    if (reason === null) throw cause;
    throw new EngineUnreachable(
      `the engine at ${address} did not answer (${reason}); look at \`mvca status\` and \`mvca doctor\`: Temporal or its worker is away`,
      { cause },
    );
  }
}

function runPage({ ui, namespace, page }: Target, workflowId: string, runId: string): string | null {
  if (ui === null) return null;
  const base = trimEnd(ui, '/');
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}/${encodeURIComponent(runId)}/${page}`;
}

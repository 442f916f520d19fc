/** Whether a database can be reached with the credentials that the environment has for it. */
import { Client, type ClientConfig } from 'pg';
import { substitute } from '../../domain/command/substitute';
import { explainDatabaseError, type DatabasePlace } from '../../domain/gates/database-error';
import type { Finding } from '../../domain/gates/gate';
import { destinationAt } from '../../domain/secrets/access';
import type { DatabaseSpec, EnvironmentSpec } from '../../domain/spec/spec';

const TIMEOUT_MS = 5_000;
const DEFAULT_PORT = 5432;

export interface DatabaseCheck {
  readonly name: string;
  readonly spec: DatabaseSpec;
  /** Variables and secrets of the environment. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether what it gets may be sent to this destination, as `destinationOf` writes it. */
  readonly permit: (to: string) => Promise<Permission>;
}

/** `later`: not before the approval. */
export type Permission =
  { readonly kind: 'granted' } | { readonly kind: 'later' } | { readonly kind: 'refused'; readonly message: string };

/** References of the secrets that the server is sent; `isAddress`: the value is the whole URL, so it says itself where it goes. */
export function secretsSent(
  spec: DatabaseSpec,
  { secrets }: Pick<EnvironmentSpec, 'secrets'>,
): readonly { readonly reference: string; readonly isAddress: boolean }[] {
  const texts = spec.kind === 'url' ? [spec.url] : [spec.user, spec.password, spec.database];
  const isAddress = spec.kind === 'url' && isName(spec.url);
  return Object.entries(secrets).flatMap(([name, reference]) =>
    texts.some((text) => new RegExp(`\\$(?:${name}(?!\\w)|\\{${name}\\})`).test(text))
      ? [{ reference, isAddress }]
      : [],
  );
}

const isName = (text: string): boolean => /^\$(\w+|\{\w+\})$/.test(text);

/** Connects and asks for nothing. At most a few seconds; null: not yet. The message names host, user and database, never the password. */
export async function checkDatabase({ name, spec, values, permit }: DatabaseCheck): Promise<Finding | null> {
  const id = `database/${name}`;
  const target = targetOf(spec, values);
  if (target.kind === 'unknown')
    return { id, verdict: target.verdict, message: `${name}: ${target.message}`, remedy: target.remedy };
  const { place } = target;
  const begun = performance.now();
  const client = makeClient(target.config);
  if (client instanceof Client) {
    // Of the client itself: what a URL says can be read in more than one way.
    const permission = await permit(destinationAt('postgres', client.host, client.port));
    if (permission.kind === 'later') return null;
    if (permission.kind === 'refused')
      return { id, verdict: 'refused', message: `${name}: ${permission.message}`, remedy: null };
  }
  const error = client instanceof Client ? await connect(client) : client;
  const words = `${place.user}@${place.host}:${place.port}/${place.database}`;
  const ms = Math.round(performance.now() - begun);
  if (error === null)
    return { id, verdict: 'passed', message: `${name} is reached as ${words} in ${ms} ms`, remedy: null };
  const { message, remedy } = explainDatabaseError(error, place);
  return { id, verdict: 'refused', message: `${name} (${words}): ${message}`, remedy };
}

type Target =
  | { readonly kind: 'known'; readonly config: ClientConfig; readonly place: DatabasePlace }
  | {
      readonly kind: 'unknown';
      readonly verdict: 'refused' | 'inconclusive';
      readonly message: string;
      readonly remedy: string;
    };

function targetOf(spec: DatabaseSpec, values: Readonly<Record<string, string>>): Target {
  const texts = spec.kind === 'url' ? [spec.url] : [spec.host, spec.port, spec.user, spec.password, spec.database];
  // A value that is only a part of a URL is written into it as such; one that is the URL stays as it is.
  const whole = spec.kind === 'parts' || isName(spec.url);
  const filled = substitute(texts, whole ? values : encoded(values));
  if (filled.kind === 'unknown') {
    const names = filled.names.map((name) => `$${name}`).join(', ');
    return unknown('refused', `there is no value for ${names}`, 'set it under `variables` or `secrets`');
  }
  const [host = '', written = '', user = '', password = '', database = ''] = filled.command;
  if (spec.kind === 'url') return urlTarget(host);
  const port = Number(written);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return unknown('refused', 'its port is not from 1 to 65535', 'correct `port`');
  const place = { host, port, user, database };
  return { kind: 'known', place, config: { ...place, password } };
}

const encoded = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]));

function urlTarget(text: string): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return unknown('refused', 'what it gets is not a URL', 'write postgres://user:password@host:port/database');
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    const message = `${url.protocol}// is not PostgreSQL, the only kind that can be checked`;
    return unknown('inconclusive', message, 'take it out of `databases` and name its variable in `requires`');
  }
  const user = decoded(url.username) || 'postgres';
  const host = decoded(url.hostname) || url.searchParams.get('host') || 'localhost';
  const place = {
    host,
    port: Number(url.port || DEFAULT_PORT),
    user,
    database: decoded(url.pathname.slice(1)) || user,
  };
  return { kind: 'known', place, config: { connectionString: text } };
}

const unknown = (verdict: 'refused' | 'inconclusive', message: string, remedy: string): Target => ({
  kind: 'unknown',
  verdict,
  message,
  remedy,
});

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface DatabaseError {
  readonly code: string | null;
  readonly message: string;
}

function makeClient(config: ClientConfig): Client | DatabaseError {
  try {
    const client = new Client({
      ...config,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      application_name: 'mvca',
    });
    client.on('error', () => undefined); // what breaks is thrown by the call that waits
    return client;
  } catch (error) {
    return errorOf(error);
  }
}

async function connect(client: Client): Promise<DatabaseError | null> {
  try {
    await client.connect();
    await client.query('SELECT 1');
    return null;
  } catch (error) {
    return errorOf(error);
  } finally {
    await Promise.race([
      client.end().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 500).unref()),
    ]);
  }
}

function errorOf(error: unknown): DatabaseError {
  const failed = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { code = null, message } = failed as { code?: string; message: string };
  return { code, message };
}

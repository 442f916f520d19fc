/** Whether a database can be reached with the credentials that the environment has for it. */
import { Client, type ClientConfig } from 'pg';
import { substitute } from '../../domain/command/substitute';
import { explainDatabaseError, type DatabasePlace } from '../../domain/gates/database-error';
import type { Finding } from '../../domain/gates/gate';
import type { DatabaseSpec } from '../../domain/spec/spec';

const TIMEOUT_MS = 5_000;
const DEFAULT_PORT = 5432;

export interface DatabaseCheck {
  readonly name: string;
  readonly spec: DatabaseSpec;
  /** Variables and secrets of the environment. */
  readonly values: Readonly<Record<string, string>>;
}

/** Connects and asks for nothing. At most a few seconds. The message names host, user and database, never the password. */
export async function checkDatabase({ name, spec, values }: DatabaseCheck): Promise<Finding> {
  const id = `database/${name}`;
  const target = targetOf(spec, values);
  if (target.kind === 'unknown')
    return { id, verdict: target.verdict, message: `${name}: ${target.message}`, remedy: target.remedy };
  const { place } = target;
  const begun = performance.now();
  const error = await connect(target.config);
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
  const whole = spec.kind === 'parts' || /^\$(\w+|\{\w+\})$/.test(spec.url);
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

async function connect(config: ClientConfig): Promise<{ code: string | null; message: string } | null> {
  let client: Client | null = null;
  try {
    client = new Client({
      ...config,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      application_name: 'mvca',
    });
    client.on('error', () => undefined); // what breaks is thrown by the call that waits
    await client.connect();
    await client.query('SELECT 1');
    return null;
  } catch (error) {
    const failed = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
    const { code = null, message } = failed as { code?: string; message: string };
    return { code, message };
  } finally {
    await Promise.race([
      client?.end().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 500).unref()),
    ]);
  }
}

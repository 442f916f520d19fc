/** The connection to PostgreSQL, and what its failures mean. */
import { ApplicationFailure } from '@temporalio/common';
import { Client, Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { FailureType } from '../../domain/failures';
import { fail } from '../failure';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;
const CONNECTIONS = 4;

/** A connection URL, or its parts (`host` may be the folder of a Unix socket). */
export type RecordsAddress =
  string | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** How long a person who asks waits for an answer. */
export const READ_MS = 8_000;

/** A pool that survives the database: a lost connection is replaced at the next call, and never ends the process. */
export function openRecords(address: RecordsAddress): Pool {
  const pool = new Pool({
    ...(typeof address === 'string' ? { connectionString: address } : address),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    application_name: 'mvca-worker',
    keepAlive: true,
  });
  pool.on('error', () => undefined); // an idle connection broke; the next call says so where somebody waits for it
  return pool;
}

/** Runs `work` in one transaction; whatever it throws undoes all of it. */
export async function inTransaction<T>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error); // the answer of the running query carries it
  client.on('error', onError);
  try {
    await client.query(begin);
    const answer = await work(client);
    await client.query('COMMIT');
    return answer;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Turns what the database throws into the retryable failure `RecordsUnavailable`; failures of ours stay as they are. */
export async function reachable<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    const { code, message } = error as { code?: string; message?: string };
    const said = `PostgreSQL said ${code === undefined ? '' : `${code}: `}${message || String(error)}`;
    throw fail('RecordsUnavailable', `${doing}: ${said}; look with: mvca doctor`);
  }
}

/**
 * A read that somebody waits for: it answers within its time, or says for good that the database does not. One that is refused quickly
 * may be asked again.
 * @throws `RecordsUnavailable`, final where the database was silent.
 */
export async function answeredWithin<T>(pool: Pool, limitMs: number, read: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([read(), over]);
  } catch (error) {
    const waitedMs = performance.now() - begun;
    const isFinal = error instanceof ApplicationFailure && error.nonRetryable === true;
    if (isFinal || waitedMs < CONNECT_MS - SLACK_MS) throw error;
    throw silent(pool, waitedMs);
  } finally {
    clearTimeout(timer);
  }
}

/** A time-out of this process may strike a moment early. */
const SLACK_MS = 100;

const silent = (pool: Pool, waitedMs: number): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `the records cannot be read: PostgreSQL (${placeOf(pool)}) gave no answer within ${Math.round(waitedMs / 1_000)} s; it may be ` +
      `stopped, overloaded or locked. Next: look with \`mvca doctor\`, end what holds it up, and ask again`,
    'RecordsUnavailable' satisfies FailureType,
  );

/** `database mvca at 127.0.0.1:5432`; never a password. */
function placeOf({ options }: Pool): string {
  const { host, port, database } = new Client(options);
  return `database ${database ?? ''} at ${host}:${port}`;
}

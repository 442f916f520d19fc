/** Creates the search attributes that are missing: the development server ignores the flag for them once its file exists. */
import { Client, type Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { connectTemporal } from '../client/temporal-connection';
import type { WorkerConfig } from './config';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

/** Repeatable. @throws when the namespace does not take them, with the command that an administrator runs. */
export async function ensureSearchAttributes(config: Pick<WorkerConfig, 'connection' | 'namespace'>): Promise<void> {
  const connection = await connectTemporal(config.connection);
  try {
    const { operatorService } = new Client({ connection, namespace: config.namespace }).connection as Connection;
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace: config.namespace });
    const missing = Object.values(SEARCH_ATTRIBUTES)
      .map(({ name }) => name)
      .filter((name) => customAttributes?.[name] === undefined);
    if (missing.length === 0) return;
    const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
    await operatorService.addSearchAttributes({
      namespace: config.namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    });
    await untilKnown(connection, config.namespace, missing);
  } catch (cause) {
    const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => `--name ${name} --type Keyword`);
    throw new Error(
      `the search attributes of namespace ${config.namespace} cannot be made; an administrator runs: temporal operator search-attribute create ${names.join(' ')}`,
      { cause },
    );
  } finally {
    await connection.close();
  }
}

/** A workflow that uses one too early fails its task; the server needs a moment to know them. */
async function untilKnown(connection: Connection, namespace: string, names: readonly string[]): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    if (names.every((name) => customAttributes?.[name] !== undefined)) return;
    if (performance.now() > deadline) throw new Error(`the server does not know ${names.join(', ')} after 15 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

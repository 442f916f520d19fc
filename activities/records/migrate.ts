/** Brings the schema of the records up to date by the numbered SQL files beside this one. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { fail } from '../failure';
import { inTransaction } from './database';

/** Any number that nothing else locks: `mvca` in ASCII. */
const ADVISORY_LOCK = 0x6d766361;
const FOLDER = path.join(__dirname, 'schema');
const FILE = /^(\d{3})-[a-z-]+\.sql$/;

interface Migration {
  readonly version: number;
  readonly name: string;
}

/**
 * Applies what is missing, in one transaction and under an advisory lock, so that several workers may start at once. Answers the version.
 * @throws `RecordsSchema` (final) when a newer mvca has changed this database; nothing is changed then.
 */
export async function migrateRecords(pool: Pool, folder = FOLDER): Promise<number> {
  const known = await migrations(folder);
  return inTransaction(pool, 'BEGIN', async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const applied = await appliedMigrations(client);
    refuseNewer(applied, known);
    for (const migration of known.slice(applied.length)) {
      await client.query(await readFile(path.join(folder, migration.name), 'utf8'));
      await client.query('INSERT INTO mvca.schema (version, name) VALUES ($1, $2)', [
        migration.version,
        migration.name,
      ]);
    }
    return known.length;
  });
}

async function migrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE.test(name)).sort();
  return names.map((name, index) => {
    const version = Number(FILE.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`${path.join(folder, name)} should have the number ${index + 1}`);
    return { version, name };
  });
}

async function appliedMigrations(client: PoolClient): Promise<Migration[]> {
  await client.query('CREATE SCHEMA IF NOT EXISTS mvca');
  await client.query(
    'CREATE TABLE IF NOT EXISTS mvca.schema (version int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  return (await client.query<Migration>('SELECT version, name FROM mvca.schema ORDER BY version')).rows;
}

function refuseNewer(applied: readonly Migration[], known: readonly Migration[]): void {
  const foreign = applied.find(({ version, name }) => known[version - 1]?.name !== name);
  if (foreign === undefined) return;
  throw fail(
    'RecordsSchema',
    `the records were changed by another version of mvca: their schema has ${foreign.name}, this version knows up to ` +
      `${known.at(-1)?.name ?? 'nothing'}. Nothing was changed; use the newer version, or another database.`,
  );
}

/** Entries of what was done with secrets on this machine, outside of any deployment. */
import type { PoolClient } from 'pg';
import type { SecretEntry } from '../../../system/secret-journal';
import { storable } from '../storable';
import { appendAudit } from './append';

/** Repeatable: an entry that stands there already changes nothing. */
export async function appendSecretDeeds(client: PoolClient, entries: readonly SecretEntry[]): Promise<void> {
  for (const { id, app, done, ...entry } of storable(entries)) {
    const facts = done ? entry.facts : { ...entry.facts, cutOff: true };
    await appendAudit(client, { deployment: `secrets/${app}`, run: id, app }, [{ ...entry, facts, sequence: 1 }]);
  }
}

/** The identities that are kept, also those that count no more. */
import type { Pool } from 'pg';
import type { IdentityView } from '../../../domain/identity/identity';

type Row = Omit<IdentityView, 'addedAt' | 'removedAt'> & { readonly addedAt: Date; readonly removedAt: Date | null };

/** In the order in which they were added. */
export async function readIdentities(pool: Pick<Pool, 'query'>): Promise<readonly IdentityView[]> {
  const { rows } = await pool.query<Row>(
    `SELECT person, fingerprint, key, added_at AS "addedAt", added_by AS "addedBy", removed_at AS "removedAt",
            removed_by AS "removedBy", removed_reason AS "removedReason"
       FROM mvca.identities ORDER BY added_at, fingerprint`,
  );
  return rows.map((row) => ({
    ...row,
    addedAt: row.addedAt.toISOString(),
    removedAt: row.removedAt?.toISOString() ?? null,
  }));
}

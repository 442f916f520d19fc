/** Changes what is kept, when nobody else has to say yes to that, or when they have. */
import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { canonicalJson } from '../../../domain/canonical-json';
import { addressWords, overlaps } from '../../../domain/policy/addresses';
import { propose, type Proposal } from '../../../domain/policy/change';
import type { Address } from '../../../domain/words';
import type { PolicyAnswer, PolicyChangeRequest } from '../../record-query';
import { inTransaction } from '../database';
import { storable } from '../storable';
import { readAddresses, readPolicy } from './read';

/** Once by run. What was approved counts only while what is kept is what it was then. */
export async function changePolicy(pool: Pool, given: PolicyChangeRequest): Promise<PolicyAnswer> {
  const request = storable(given);
  const { app, by, change } = request;
  return inTransaction(pool, 'BEGIN', async (client) => {
    await client.query('LOCK TABLE mvca.applications IN SHARE ROW EXCLUSIVE MODE');
    const kept = await readPolicy(client, app);
    const proposed = propose(app, by, change, kept);
    if (proposed.kind === 'refused') return proposed;
    if (await isDone(client, request)) return { kind: 'changed', words: proposed.words };
    const digest = digestOf({ app, change, kept });
    const { approval, environment, words } = proposed;
    if (approval !== null && request.approved === null) return { kind: 'waits', digest, approval, environment, words };
    if (approval !== null && request.approved !== digest)
      return { kind: 'refused', reason: 'the policy was changed while this was waited for; ask for it again' };
    const taken = await takenBy(client, request);
    if (taken !== null) return { kind: 'refused', reason: taken };
    await write(client, request, proposed);
    return { kind: 'changed', words };
  });
}

const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;

async function takenBy(client: PoolClient, { app, change }: PolicyChangeRequest): Promise<string | null> {
  if (change.kind !== 'listen') return null;
  const others = (await readAddresses(client, [change.to.port])).filter(
    (kept) => overlaps(kept, change.to) && (kept.app !== app || kept.environment !== change.environment),
  );
  const [keeper] = others;
  return keeper === undefined
    ? null
    : `${addressWords(change.to)} is kept by ${keeper.environment} of ${keeper.app}: choose another address`;
}

/** A call that is repeated finds that it was here before. */
async function isDone(client: PoolClient, { app, run, change }: PolicyChangeRequest): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM mvca.${TABLES[change.kind]} WHERE app = $1 AND recorded_run = $2`,
    [app, run],
  );
  return (rowCount ?? 0) > 0;
}

const TABLES = { approval: 'policies', listen: 'addresses', repository: 'applications' } as const;

async function write(client: PoolClient, request: PolicyChangeRequest, { next }: Proposal): Promise<void> {
  const { app, by, at, run, change } = request;
  if (change.kind === 'repository') {
    await client.query(
      'UPDATE mvca.applications SET repository = $2, recorded_at = $3, recorded_by = $4, recorded_run = $5 WHERE app = $1',
      [app, JSON.stringify(change.to), at, by, run],
    );
  } else if (change.kind === 'approval') {
    await client.query(
      `INSERT INTO mvca.policies (app, environment, approval, recorded_at, recorded_by, recorded_run) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (app, environment) DO UPDATE SET approval = $3, recorded_at = $4, recorded_by = $5, recorded_run = $6`,
      [app, change.environment, JSON.stringify(next), at, by, run],
    );
  } else await keepOnly(client, request, change.to);
}

async function keepOnly(client: PoolClient, request: PolicyChangeRequest, { host, port }: Address): Promise<void> {
  const { app, by, at, run, change } = request;
  if (change.kind !== 'listen') return;
  const { environment } = change;
  await client.query('DELETE FROM mvca.addresses WHERE app = $1 AND environment = $2', [app, environment]);
  await client.query(
    `INSERT INTO mvca.addresses (app, environment, host, port, recorded_at, recorded_by, recorded_run) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [app, environment, host, port, at, by, run],
  );
}

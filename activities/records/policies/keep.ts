/** Holds a request against what is kept, and records what nobody said before: the first use counts, and two at once are one after the other. */
import type { Pool, PoolClient } from 'pg';
import { addressWords } from '../../../domain/policy/addresses';
import { admit, repositoryWords } from '../../../domain/policy/admit';
import { approvalWords } from '../../../domain/policy/approval';
import { asksForOwnYes, withOwnYes } from '../../../domain/policy/own-yes';
import type { Admission, Claim, KeptPolicy } from '../../../domain/policy/policy';
import type { AdmissionRequest } from '../../record-query';
import { inTransaction } from '../database';
import { storable } from '../storable';
import { keepEnvironments } from './environments';
import { readAddresses, readPolicy } from './read';

/** A refusal is an answer, and records nothing. Repeated by the same run it answers the same. */
export async function keepPolicy(pool: Pool, given: AdmissionRequest): Promise<Admission> {
  const request = storable(given);
  return inTransaction(pool, 'BEGIN', async (client) => {
    if (request.records) await client.query('LOCK TABLE mvca.applications IN SHARE ROW EXCLUSIVE MODE');
    const ports = request.claims.flatMap(({ addresses }) => addresses.map(({ port }) => port));
    const before = await readPolicy(client, request.app);
    const kept = await stillFirst(client, request, before);
    const admission = admit(request, kept, await readAddresses(client, ports));
    if (admission.kind === 'refused' || !request.records) return admission;
    if (kept !== before) await recordOwnYes(client, request, kept);
    await recordRepository(client, request, kept);
    for (const claim of request.claims) await recordClaim(client, request, claim);
    await keepEnvironments(client, request);
    return { ...admission, recorded: await recordedBy(client, request) };
  });
}

/** A person alone may still say that their own yes counts. */
async function stillFirst(
  client: PoolClient,
  { app, by, claims }: AdmissionRequest,
  kept: KeptPolicy | null,
): Promise<KeptPolicy | null> {
  if (!asksForOwnYes(kept, { by, claims })) return kept;
  return withOwnYes(kept, { by, claims, othersHeard: await hasHeardOthers(client, app, by) });
}

async function hasHeardOthers(client: PoolClient, app: string, by: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM mvca.audit WHERE app = $1 AND actor <> ALL($2)
     UNION ALL SELECT 1 FROM mvca.deployments WHERE app = $1 AND requester <> $3
     UNION ALL SELECT 1 FROM mvca.identities WHERE person <> $3 LIMIT 1`,
    [app, [by, 'mvca'], by],
  );
  return (rowCount ?? 0) > 0;
}

async function recordOwnYes(
  client: PoolClient,
  { app, at, by, run }: AdmissionRequest,
  kept: KeptPolicy | null,
): Promise<void> {
  for (const { environment, approval } of kept?.environments ?? [])
    await client.query(
      `UPDATE mvca.policies SET approval = $3, recorded_at = $4, recorded_by = $5, recorded_run = $6
        WHERE app = $1 AND environment = $2 AND approval IS DISTINCT FROM $3::jsonb`,
      [app, environment, approval && JSON.stringify(approval), at, by, run],
    );
}

const NEW = 'recorded_at, recorded_by, recorded_run';

/** A folder that got a remote meanwhile is known by it from now on. */
async function recordRepository(
  client: PoolClient,
  { app, repository, at, by, run }: AdmissionRequest,
  kept: KeptPolicy | null,
): Promise<void> {
  if (kept === null) {
    await client.query(`INSERT INTO mvca.applications (app, repository, ${NEW}) VALUES ($1, $2, $3, $4, $5)`, [
      app,
      repository && JSON.stringify(repository),
      at,
      by,
      run,
    ]);
  } else if (repository !== null && kept.repository?.remote == null) {
    await client.query('UPDATE mvca.applications SET repository = $2 WHERE app = $1', [
      app,
      JSON.stringify(repository),
    ]);
  }
}

async function recordClaim(client: PoolClient, request: AdmissionRequest, claim: Claim): Promise<void> {
  const { app, at, by, run } = request;
  const { environment, approval, addresses } = claim;
  await client.query(
    `INSERT INTO mvca.policies (app, environment, approval, ${NEW}) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [app, environment, approval && JSON.stringify(approval), at, by, run],
  );
  for (const { host, port } of addresses)
    await client.query(
      `INSERT INTO mvca.addresses (app, environment, host, port, ${NEW}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [app, environment, host, port, at, by, run],
    );
}

/** In words, for the audit log. */
async function recordedBy(client: PoolClient, { app, run }: AdmissionRequest): Promise<readonly string[]> {
  const isOurs = async (table: 'applications' | 'policies' | 'addresses', environment?: string): Promise<boolean> => {
    const where = environment === undefined ? '' : ' AND environment = $3';
    const values = environment === undefined ? [app, run] : [app, run, environment];
    const { rowCount } = await client.query(
      `SELECT 1 FROM mvca.${table} WHERE app = $1 AND recorded_run = $2${where} LIMIT 1`,
      values,
    );
    return rowCount === 1;
  };
  const kept = await readPolicy(client, app);
  const words: string[] = [];
  if (kept?.repository != null && (await isOurs('applications')))
    words.push(`the name ${app} belongs to ${repositoryWords(kept.repository)}`);
  for (const { environment, approval, addresses } of kept?.environments ?? []) {
    if (await isOurs('policies', environment)) words.push(`approval of ${environment}: ${approvalWords(approval)}`);
    if (await isOurs('addresses', environment))
      words.push(`addresses of ${environment}: ${addresses.map(addressWords).join(', ')}`);
  }
  return words;
}

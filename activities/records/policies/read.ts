/** What is kept of an application, and who keeps addresses. */
import type { Pool } from 'pg';
import type { KeptAddress, KeptEnvironment, KeptPolicy, RepositoryId } from '../../../domain/policy/policy';
import type { ApprovalSpec } from '../../../domain/spec/spec';
import { TIERS, type Tier } from '../../../domain/words';

type Queries = Pick<Pool, 'query'>;

interface EnvironmentRow {
  readonly environment: Tier;
  readonly approval: ApprovalSpec | null;
  readonly at: Date;
  readonly by: string;
}

/** null: nothing is kept. */
export async function readPolicy(client: Queries, app: string): Promise<KeptPolicy | null> {
  const { rows: found } = await client.query<{ repository: RepositoryId | null; at: Date; by: string }>(
    'SELECT repository, recorded_at AS at, recorded_by AS by FROM mvca.applications WHERE app = $1',
    [app],
  );
  const [application] = found;
  if (application === undefined) return null;
  const { rows } = await client.query<EnvironmentRow>(
    'SELECT environment, approval, recorded_at AS at, recorded_by AS by FROM mvca.policies WHERE app = $1',
    [app],
  );
  const { rows: addresses } = await client.query<KeptAddress>(
    'SELECT app, environment, host, port FROM mvca.addresses WHERE app = $1 ORDER BY host, port',
    [app],
  );
  const environments = rows.map((row): KeptEnvironment => ({
    environment: row.environment,
    approval: row.approval,
    addresses: addresses.flatMap(({ environment, host, port }) =>
      environment === row.environment ? [{ host, port }] : [],
    ),
    since: row.at.toISOString(),
    by: row.by,
  }));
  const place = ({ environment }: KeptEnvironment): number => TIERS.indexOf(environment);
  return {
    app,
    repository: application.repository,
    since: application.at.toISOString(),
    by: application.by,
    environments: environments.sort((a, b) => place(a) - place(b)),
  };
}

/** Who keeps addresses with one of these ports. */
export async function readAddresses(client: Queries, ports: readonly number[]): Promise<readonly KeptAddress[]> {
  const { rows } = await client.query<KeptAddress>(
    'SELECT app, environment, host, port FROM mvca.addresses WHERE port = ANY($1) ORDER BY recorded_at, app',
    [ports],
  );
  return rows;
}

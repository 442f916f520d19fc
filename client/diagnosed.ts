/** Why a deployment failed: as its records say, or looked at now where its release is still there. */
import type { EnvironmentFacts } from '../activities/facts-contract';
import type { Diagnosis } from '../domain/diagnosis/answer';
import type { StoredDiagnosis } from '../domain/records';
import type { ReleaseStatus } from '../domain/release';
import type { EnvironmentSpec, Spec } from '../domain/spec/spec';
import type { Tier } from '../domain/words';
import type { Deployments } from './deployments';

export interface Diagnosed {
  readonly app: string;
  readonly version: string;
  readonly environment: string | null;
  /** null: it runs, or it is the release that is looked at and no deployment. */
  readonly outcome: StoredDiagnosis['outcome'];
  /** `records`: found out when it failed. `now`: looked at just now. */
  readonly from: 'records' | 'now';
  readonly diagnosis: Diagnosis;
}

export interface Wanted {
  /** An application, a version, a run, or a deployment's id. */
  readonly of: string;
  /** The application of this folder. */
  readonly preferred: string | null;
  readonly environment: Tier | null;
  /** The spec of an application: without one its releases cannot be asked. */
  readonly specOf: (app: string) => Promise<Pick<Spec, 'environments'> | null>;
}

/** null: there is nothing to look at; `stored` says what is known of the deployment then. */
export async function diagnosed(
  deployments: Deployments,
  wanted: Wanted,
): Promise<{ readonly stored: StoredDiagnosis | null; readonly found: Diagnosed | null }> {
  const { of, preferred } = wanted;
  const stored = await deployments.inspect<StoredDiagnosis | null>({ kind: 'diagnosis', of, preferred });
  if (stored?.diagnosis != null && wanted.environment === null)
    return { stored, found: { ...stored, from: 'records', diagnosis: stored.diagnosis } };
  return { stored, found: await lookNow(deployments, wanted, stored) };
}

async function lookNow(
  deployments: Deployments,
  { of, environment: tier, specOf }: Wanted,
  stored: StoredDiagnosis | null,
): Promise<Diagnosed | null> {
  const app = stored?.app ?? of;
  const spec = await specOf(app);
  const environment = environmentIn(spec?.environments ?? [], tier ?? stored?.environment ?? null);
  if (environment === null) return null;
  const chosen = choose(await releasesIn(deployments, app, environment), of === app ? null : (stored?.version ?? of));
  if (chosen === null) return null;
  const { fresh, old } = chosen;
  const request = { app, environment, release: fresh.release, oldRelease: old?.release ?? null, mark: null, why: null };
  const diagnosis = await deployments.inspect<Diagnosis>({ kind: 'diagnose', request });
  return {
    app,
    version: fresh.version,
    environment: environment.name,
    outcome: outcomeOf(stored, fresh),
    from: 'now',
    diagnosis,
  };
}

const outcomeOf = (stored: StoredDiagnosis | null, { version }: ReleaseStatus): Diagnosed['outcome'] =>
  stored?.version === version ? stored.outcome : null;

const environmentIn = (environments: readonly EnvironmentSpec[], tier: Tier | null): EnvironmentSpec | null =>
  environments.find(({ name }) => name === tier) ?? (tier === null ? environments.at(-1) : undefined) ?? null;

async function releasesIn(
  deployments: Deployments,
  app: string,
  environment: EnvironmentSpec,
): Promise<readonly ReleaseStatus[]> {
  const query = { kind: 'environments', app, environments: [environment] } as const;
  const [facts] = await deployments.inspect<readonly EnvironmentFacts[]>(query);
  return facts?.releases ?? [];
}

/** The newest release, or the newest of that version or name; beside it the newest older one. Releases come newest first. */
function choose(
  releases: readonly ReleaseStatus[],
  name: string | null,
): { readonly fresh: ReleaseStatus; readonly old: ReleaseStatus | null } | null {
  const at = releases.findIndex(({ release, version }) => name === null || release === name || version === name);
  const fresh = releases[at];
  return fresh === undefined ? null : { fresh, old: releases[at + 1] ?? null };
}

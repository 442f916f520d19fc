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
  deployments: Pick<Deployments, 'inspect'>,
  wanted: Wanted,
): Promise<{ readonly stored: StoredDiagnosis | null; readonly found: Diagnosed | null }> {
  const { of, preferred } = wanted;
  const stored = await deployments.inspect<StoredDiagnosis | null>({ kind: 'diagnosis', of, preferred });
  if (stored?.diagnosis != null && wanted.environment === null)
    return { stored, found: { ...stored, from: 'records', diagnosis: stored.diagnosis } };
  return { stored, found: await lookNow(deployments, wanted, stored) };
}

async function lookNow(
  deployments: Pick<Deployments, 'inspect'>,
  { of, environment: tier, specOf }: Wanted,
  stored: StoredDiagnosis | null,
): Promise<Diagnosed | null> {
  const app = stored?.app ?? of;
  const spec = await specOf(app);
  const environment = environmentIn(spec?.environments ?? [], tier ?? stored?.environment ?? null);
  if (environment === null) return null;
  const releases = await releasesIn(deployments, app, environment);
  const at = placeOf(releases, { of, tier, stored });
  const [fresh, old] = at === -1 ? [] : [releases[at], releases[at + 1]];
  if (fresh === undefined) return null;
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
  deployments: Pick<Deployments, 'inspect'>,
  app: string,
  environment: EnvironmentSpec,
): Promise<readonly ReleaseStatus[]> {
  const query = { kind: 'environments', app, environments: [environment] } as const;
  const [facts] = await deployments.inspect<readonly EnvironmentFacts[]>(query);
  return facts?.releases ?? [];
}

interface Meant {
  readonly of: string;
  readonly tier: Tier | null;
  readonly stored: StoredDiagnosis | null;
}

/** Whoever names an application and an environment asks for what is there; else for what the deployment left. */
function placeOf(releases: readonly ReleaseStatus[], { of, tier, stored }: Meant): number {
  if (stored === null) return releases.length === 0 ? -1 : 0;
  return of === stored.app && tier !== null && releases.length > 0 ? 0 : leftBy(releases, stored);
}

/** What a deployment that failed left is no release that serves, be it of the same version: that one stood its watch. */
const leftBy = (releases: readonly ReleaseStatus[], { version, outcome }: StoredDiagnosis): number =>
  releases.findIndex((one) => one.version === version && (outcome === 'succeeded' || outcome === null || !one.proven));

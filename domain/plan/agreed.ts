/** What approvers say yes to as soon as it is built: the plan, the bytes, and the version of every secret. */
import { canonicalJson } from '../canonical-json';
import { sha256 } from '../sha256';
import type { Tier } from '../words';
import type { Plan, PlannedEnvironment } from './plan';

/** By variable name; null: it cannot be resolved. */
export type SecretVersions = Readonly<Record<string, string | null>>;

/** The plan with its artifact, under a digest that is another one for other bytes, or for another version of a secret. */
export function pinPlan(plan: Plan, artifact: string): Plan {
  const drawn = plan.drawn ?? plan.digest;
  const secrets = Object.fromEntries(
    plan.environments.map((planned) => [planned.environment, versionsIn(planned)] as const),
  );
  return { ...plan, artifact, drawn, digest: `sha256:${sha256(canonicalJson({ plan: drawn, artifact, secrets }))}` };
}

export const versionsIn = ({ secrets }: Pick<PlannedEnvironment, 'secrets'>): SecretVersions =>
  Object.fromEntries(Object.entries(secrets).map(([name, { version }]) => [name, version]));

/** The secrets that have another version than the plan says, in words. */
export const changedSecrets = (
  { secrets }: Pick<PlannedEnvironment, 'secrets'>,
  now: SecretVersions,
): readonly string[] =>
  Object.entries(secrets)
    .filter(([name, { version }]) => (now[name] ?? null) !== version)
    .map(([name, { version }]) => `${name} (${version ?? 'not set'}, now ${now[name] ?? 'not set'})`);

/** The same plan with the versions as they are now in one environment, pinned anew where it was. */
export function withVersions(plan: Plan, environment: Tier, now: SecretVersions): Plan {
  const environments = plan.environments.map((planned) =>
    planned.environment === environment ? { ...planned, secrets: renewed(planned, now) } : planned,
  );
  const changed = { ...plan, environments };
  return plan.artifact === undefined ? changed : pinPlan(changed, plan.artifact);
}

const renewed = ({ secrets }: PlannedEnvironment, now: SecretVersions): PlannedEnvironment['secrets'] =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, { reference }]) => [name, { reference, version: now[name] ?? null }]),
  );

/** What the spec tells a diagnosis: so that a remedy can name the command. */
import { NO_CONTEXT, type Context } from './answer';
import type { EnvironmentSpec, Spec } from '../spec/spec';
import type { Tier } from '../words';

/** @param tier null: production, else the last environment of the spec. */
export function contextOf(spec: Spec, tier: Tier | null): Context {
  const environment =
    spec.environments.find(({ name }) => name === (tier ?? 'production')) ??
    (tier === null ? spec.environments.at(-1) : undefined);
  if (environment === undefined) return { ...NO_CONTEXT, app: spec.app, environment: tier };
  return contextIn(spec.app, environment);
}

export function contextIn(app: string, environment: EnvironmentSpec): Context {
  return {
    app,
    environment: environment.name,
    variables: Object.keys(environment.variables),
    secrets: [...Object.keys(environment.secrets), ...environment.requires.map(({ name }) => name)],
    databaseSecret: databaseSecret(environment),
    healthPath: environment.health.path,
  };
}

/** The first secret that a database's address or password is taken from. */
function databaseSecret({ databases, secrets }: EnvironmentSpec): string | null {
  const written = JSON.stringify(Object.values(databases));
  return Object.keys(secrets).find((name) => new RegExp(`\\$\\{?${name}\\b`).test(written)) ?? null;
}

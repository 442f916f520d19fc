/** What an instance is started with. Pure. */
import type { ReleaseDefinition } from '../../domain/host/runner';
import { substitute } from '../../domain/command/substitute';
import { MARK } from '../../system/strays';

interface Parts {
  readonly definition: ReleaseDefinition;
  readonly secrets: Readonly<Record<string, string>>;
  readonly base: Readonly<Record<string, string>>;
  /** By which its processes are found wherever they went; null: there is none. */
  readonly mark: string | null;
}

export type LaunchPlan =
  | { readonly kind: 'plan'; readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly reason: string };

export function planLaunch(parts: Parts, instance: number, port: number): LaunchPlan {
  const { definition } = parts;
  const words = {
    ...definition.variables,
    PORT: String(port),
    INSTANCE: String(instance),
    RELEASE: definition.release,
    VERSION: definition.version,
  };
  const command = substitute(definition.start, words);
  if (command.kind === 'unknown') {
    const names = command.names.map((name) => `$${name}`).join(', ');
    return {
      kind: 'refused',
      reason: `the start command names ${names}, which is no variable of ${definition.environment}; secrets reach an application by its environment only; write $$ for a dollar`,
    };
  }
  return { kind: 'plan', argv: command.command, env: environmentOf(parts, instance, port) };
}

function environmentOf(parts: Parts, instance: number, port: number): Record<string, string> {
  const { definition } = parts;
  return {
    ...parts.base,
    ...definition.variables,
    ...parts.secrets,
    ['variable' in definition.port ? definition.port.variable : 'PORT']: String(port),
    APP_VERSION: definition.version,
    MVCA_APP: definition.app,
    MVCA_ENVIRONMENT: definition.environment,
    MVCA_RELEASE: definition.release,
    MVCA_INSTANCE: String(instance),
    ...(parts.mark === null ? {} : { [MARK]: parts.mark }),
  };
}

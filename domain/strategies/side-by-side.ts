/** What strategies share that run two releases at once. */
import type { EnvironmentSpec } from '../spec/spec';
import type { StrategyFacts } from '.';
import type { StrategyStep } from './strategy';

/** Of a release that has no traffic yet. */
export function checks(environment: EnvironmentSpec): StrategyStep[] {
  const smoke: StrategyStep[] = environment.smoke.length > 0 ? [{ kind: 'smoke' }] : [];
  return environment.integration.length > 0 ? [...smoke, { kind: 'integration' }] : smoke;
}

export const needsTwoAtOnce = ({ platform }: EnvironmentSpec, { first }: StrategyFacts): boolean =>
  'fixed' in platform.port && !platform.singleton && !first;

/** Why that cannot be, with what would work. */
export const sideBySide = ({ platform, name, strategy }: EnvironmentSpec): string =>
  `${name}: ${strategy.kind} runs two releases side by side, and \`platform.port: ${'fixed' in platform.port ? platform.port.fixed : ''}\` leaves room for one. ` +
  'What would work: let the application take its port from the variable PORT (`platform.port: { variable: PORT }`), ' +
  'or `platform.singleton: true` with `strategy: blue-green`, which stops the old release before it starts the new one, with a gap.';

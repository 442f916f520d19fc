/** All traffic at once from the old release to the new one, which is complete and checked before; the old one stays warm. */
import type { EnvironmentSpec } from '../spec/spec';
import type { Strategy, StrategyFacts } from '.';
import type { StrategyStep } from './strategy';

export const blueGreen: Strategy = {
  steps: (environment, facts) => [
    ...(environment.platform.singleton && !facts.first ? [{ kind: 'stop-old' } as const] : []),
    { kind: 'start' },
    ...checks(environment),
    { kind: 'shift', percent: 100 },
    { kind: 'watch', forMs: environment.watch.forMs },
    { kind: 'prove' },
  ],
  refusals: (environment, facts) => (needsTwoAtOnce(environment, facts) ? [fixedPort(environment)] : []),
};

function checks(environment: EnvironmentSpec): StrategyStep[] {
  const smoke: StrategyStep[] = environment.smoke.length > 0 ? [{ kind: 'smoke' }] : [];
  return environment.integration.length > 0 ? [...smoke, { kind: 'integration' }] : smoke;
}

const needsTwoAtOnce = ({ platform }: EnvironmentSpec, { first }: StrategyFacts): boolean =>
  'fixed' in platform.port && !platform.singleton && !first;

const fixedPort = ({ platform, name }: EnvironmentSpec): string =>
  `${name}: blue-green runs two releases side by side, and \`platform.port: ${'fixed' in platform.port ? platform.port.fixed : ''}\` leaves room for one. ` +
  'What would work: let the application take its port from the variable PORT (`platform.port: { variable: PORT }`), ' +
  'or `platform.singleton: true`, which stops the old release before it starts the new one, with a gap.';

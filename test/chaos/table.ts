/** Who is killed when: every victim at every named step, before and after its effect, and within those that last. */
import { ENGINE_VICTIMS, HOST_VICTIMS, type Kill, type Moment, type Victim } from '../support/chaos';

const WHENS = ['before', 'after'] as const;
const LASTING_WHENS = ['before', 'during', 'after'] as const;

/** Steps by the environment in which they are told; null: before any environment. */
const STEPS = [
  [null, ['snapshot', 'admission', 'plan', 'check-staging', 'check-production', 'tests', 'build']],
  ['staging', ['start', 'smoke', 'shift-100', 'watch', 'prove']],
  ['production', ['approval', 'start', 'smoke', 'shift-100', 'watch', 'prove']],
] as const;

/** These last, and are hit in their midst as well. */
const LASTING = ['tests', 'build', 'watch', 'approval'];

/** What serves has no hand in commands and in people's answers: in the midst of these is no other moment for it than before. */
const LASTING_FOR_HOST = ['watch'];

const momentsOf = (lasting: readonly string[]): readonly Moment[] =>
  STEPS.flatMap(([environment, steps]) =>
    steps.flatMap((step) =>
      (lasting.includes(step) ? LASTING_WHENS : WHENS).map((when) => ({ environment, step, when })),
    ),
  );

/** Of which an ordinary run of all tests takes these. */
const SAMPLE = [
  'engine during build',
  'engine during approval in production',
  'engine during watch in production',
  'worker before start in production',
  'router during watch in production',
] as const;

const IS_WHOLE = process.env['MVCA_TEST_CHAOS'] === 'all';

export const titleOf = ({ victim, when, step, environment }: Kill): string =>
  `${victim} ${when} ${step}${environment === null ? '' : ` in ${environment}`}`;

const killsOf = (victims: readonly Victim[], lasting: readonly string[]): readonly Kill[] =>
  victims
    .flatMap((victim) => momentsOf(lasting).map((moment) => ({ victim, ...moment })))
    .filter((kill) => IS_WHOLE || SAMPLE.some((title) => title === titleOf(kill)));

/** Every kill that there is, whatever of them this run takes. */
export const allKills = (victims: readonly Victim[]): readonly Kill[] =>
  victims.flatMap((victim) => momentsOf(LASTING_FOR_HOST).map((moment) => ({ victim, ...moment })));

export interface StrategyKill extends Omit<Moment, 'environment'> {
  readonly strategy: 'canary' | 'rolling';
}

/** Steps that only these strategies have, with four instances. */
const STRATEGY_STEPS = {
  canary: ['start', 'shift-10', 'watch-10', 'scale-50', 'shift-50', 'watch-50', 'scale-100', 'shift-100', 'watch'],
  rolling: [
    'make-room',
    'start',
    'shift-25',
    'watch-25',
    'replace-50',
    'watch-50',
    'replace-75',
    'replace-100',
    'watch',
  ],
} as const;
const STRATEGY_SAMPLE = ['canary before scale-50', 'rolling before replace-50'];

/** The whole engine, in the midst of each step: as soon as it has begun, and as soon as it is done. */
export const strategyKills = (): readonly StrategyKill[] =>
  (['canary', 'rolling'] as const)
    .flatMap((strategy) =>
      STRATEGY_STEPS[strategy].flatMap((step) => WHENS.map((when): StrategyKill => ({ strategy, step, when }))),
    )
    .filter(({ strategy, when, step }) => IS_WHOLE || STRATEGY_SAMPLE.includes(`${strategy} ${when} ${step}`));

export const engineKills = (): readonly Kill[] => killsOf(ENGINE_VICTIMS, LASTING);
export const hostKills = (): readonly Kill[] => killsOf(HOST_VICTIMS, LASTING_FOR_HOST);

/**
 * Requests that may fail for a client that sends 100 a second, beside those that were in flight where any may. The engine, the keeper and a runner carry none. An instance takes with it
 * what it was answering. So does a router: up to 18 on a machine with ten times too much work. Its address goes on listening; only where
 * its keeper was killed before it are clients refused for a moment.
 */
export const ALLOWED_FAILURES: Readonly<Record<Victim, number>> = {
  worker: 0,
  temporal: 0,
  postgres: 0,
  supervisor: 0,
  engine: 0,
  keeper: 0,
  runner: 0,
  instance: 10,
  router: 30,
};

/** The family of strategies: one member a file, one table. */
import type { EnvironmentSpec } from '../spec/spec';
import { blueGreen } from './blue-green';
import { canary } from './canary';
import { rolling } from './rolling';
import type { StrategyStep } from './strategy';

export interface StrategyFacts {
  /** No release serves yet. */
  readonly first: boolean;
  /** Instances of the release that serves; missing: not known, or none does. */
  readonly old?: number;
}

export interface Strategy {
  /** The steps in order, with what they do and their undo. */
  steps(environment: EnvironmentSpec, facts: StrategyFacts): readonly StrategyStep[];
  /** What the platform's settings do not allow, with what would work. */
  refusals(environment: EnvironmentSpec, facts: StrategyFacts): readonly string[];
}

export const STRATEGIES = { 'blue-green': blueGreen, canary, rolling } satisfies Record<
  EnvironmentSpec['strategy']['kind'],
  Strategy
>;

export const strategyOf = (environment: EnvironmentSpec): Strategy => STRATEGIES[environment.strategy.kind];

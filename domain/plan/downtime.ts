/** For how long nobody will serve, and why: from what was measured before, never from a guess. */
import { median } from '../numbers';
import type { EnvironmentSpec } from '../spec/spec';
import type { StrategyStep } from '../strategies/strategy';
import type { PlannedEnvironment } from './plan';

/** Seconds by `<environment> <what>` (`gap`, `start`), of earlier deployments of the application, newest first. */
export type Timings = Readonly<Record<string, readonly number[]>>;

export interface DowntimeFacts {
  readonly first: boolean;
  readonly timings: Timings;
  readonly steps: readonly StrategyStep[];
}

export function downtime(environment: EnvironmentSpec, facts: DowntimeFacts): PlannedEnvironment['downtime'] {
  const { first, steps } = facts;
  if (first) return { seconds: 0, reason: 'nothing serves yet' };
  if (environment.platform.singleton) return gap(environment, facts);
  const replaced = steps.some(({ kind }) => kind === 'replace');
  if (!replaced) return { seconds: 0, reason: 'the new release is healthy before it gets traffic' };
  const serving = `at least ${leastServing(steps)} instances serve at every moment`;
  if (!steps.some(({ kind }) => kind === 'rehearse-back')) return { seconds: 0, reason: serving };
  return { seconds: null, reason: `${serving}, but in the rehearsal one release stops before the other starts` };
}

/** The fewest that serve at once: when some of the old release have left, and those of the new one have not come yet. */
export function leastServing(steps: readonly StrategyStep[]): number {
  let fresh = 0;
  const moments = steps.flatMap((step): number[] => {
    if (step.kind === 'start') {
      const serving = fresh + (step.beside ?? 0);
      fresh = step.instances ?? 0;
      return [serving];
    }
    if (step.kind !== 'replace') return [];
    const serving = fresh + step.old;
    fresh = step.instances;
    return [serving];
  });
  return Math.min(...moments);
}

const STOPPED_FIRST = '`platform.singleton`: the old release is stopped before the new one starts';

function gap({ name }: EnvironmentSpec, { timings }: DowntimeFacts): PlannedEnvironment['downtime'] {
  const gaps = timings[`${name} gap`] ?? [];
  const seconds = median([...gaps]);
  if (seconds !== null)
    return { seconds, reason: `${STOPPED_FIRST}; nobody serves meanwhile (median of ${gaps.length} measured gaps)` };
  const start = timings[`${name} start`]?.[0];
  if (start !== undefined)
    return { seconds: start, reason: `${STOPPED_FIRST}; the last start took that long, and no gap was measured yet` };
  return {
    seconds: null,
    reason: `${STOPPED_FIRST}; the gap lasts as long as the application takes to start, and there is no history of that yet`,
  };
}

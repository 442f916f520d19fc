/** The way back is tried before a later environment is changed: from the new release to the old one, and to the new one again. */
import type { ReleaseStatus } from '../release';
import type { EnvironmentSpec } from '../spec/spec';
import type { StrategyStep } from '../strategies/strategy';
import type { PlannedEnvironment } from './plan';

/** What works shows at once; the long watch comes before. */
const LONGEST_WATCH_MS = 5_000;

type Rehearsal = NonNullable<PlannedEnvironment['rehearsal']>;

interface Known {
  readonly target: ReleaseStatus | null;
  /** Why it is no good way back already; null: it is one. */
  readonly bad: string | null;
  /** No environment comes after this one. */
  readonly isLast: boolean;
}

/** Whether it is tried, and why not where somebody asks for it; null: nobody asks. */
export function rehearsalOf(
  { rehearse, watch, platform, strategy }: EnvironmentSpec,
  { target, bad, isLast }: Known,
): Rehearsal | null {
  if (!rehearse || isLast) return null;
  if (target === null) return { seconds: 0, reason: 'nothing serves yet, so there is no way back to rehearse' };
  const old = `${target.version} (${target.release})`;
  // A broken old release must not keep its own fix away.
  if (bad !== null || target.state !== 'running')
    return {
      seconds: 0,
      reason: `not rehearsed: ${bad ?? `${old} is ${target.state} already, which is no good way back`}`,
    };
  const seconds = (2 * watchMs(watch)) / 1_000;
  const gap = platform.singleton || strategy.kind === 'rolling' ? ', with a gap each way' : '';
  return { seconds, reason: `back to ${old}, where it is checked and watched, and forth again${gap}` };
}

/** The steps with the rehearsal among them: when the new release has stood its watch, and while everything can still be undone. */
export function withRehearsal(
  steps: readonly StrategyStep[],
  { watch }: EnvironmentSpec,
  rehearsal: Rehearsal | null,
): readonly StrategyStep[] {
  if (rehearsal === null || rehearsal.seconds === 0) return steps;
  const forMs = watchMs(watch);
  return steps.flatMap((step): StrategyStep[] =>
    step.kind === 'prove' ? [{ kind: 'rehearse-back', forMs }, { kind: 'rehearse-forth', forMs }, step] : [step],
  );
}

const watchMs = ({ forMs }: EnvironmentSpec['watch']): number => Math.min(forMs, LONGEST_WATCH_MS);

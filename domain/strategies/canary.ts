/** A small share of the traffic first, then larger ones: at each the new release is compared with the old one in the same seconds. */
import type { Strategy } from '.';
import { checks, needsTwoAtOnce, sideBySide } from './side-by-side';
import type { StrategyStep } from './strategy';

export const canary: Strategy = {
  steps: (environment, { first }) => {
    const { strategy, watch } = environment;
    if (strategy.kind !== 'canary') throw new Error(`${strategy.kind} is no canary`);
    // There is nothing to compare a first release with.
    const shares = first ? [] : strategy.steps.filter((percent) => percent < 100);
    const { instances: whole } = environment.platform;
    // In proportion, rounded up: what a share needs runs before it comes.
    const counts = [...shares.map((percent) => Math.ceil((percent * whole) / 100)), whole];
    const before = (index: number, percent: number): StrategyStep[] => {
      const instances = counts[index] ?? whole;
      return index > 0 && instances > (counts[index - 1] ?? 0) ? [{ kind: 'scale', percent, instances }] : [];
    };
    const fewer = counts[0] ?? whole;
    return [
      fewer < whole ? { kind: 'start', instances: fewer } : { kind: 'start' },
      ...checks(environment),
      ...shares.flatMap((percent, index): StrategyStep[] => [
        ...before(index, percent),
        { kind: 'shift', percent },
        { kind: 'watch', forMs: strategy.eachMs, percent, onInsufficient: strategy.onInsufficient },
      ]),
      ...before(shares.length, 100),
      { kind: 'shift', percent: 100 },
      { kind: 'watch', forMs: watch.forMs },
      { kind: 'prove' },
    ];
  },
  refusals: (environment, facts) => {
    if (environment.platform.singleton)
      return [
        `${environment.name}: a canary runs two releases side by side, and \`platform.singleton\` forbids that. What would work: \`strategy: blue-green\`, which stops the old release first, with a gap.`,
      ];
    return needsTwoAtOnce(environment, facts) ? [sideBySide(environment)] : [];
  },
};

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
    return [
      { kind: 'start' },
      ...checks(environment),
      ...shares.flatMap((percent): StrategyStep[] => [
        { kind: 'shift', percent },
        { kind: 'watch', forMs: strategy.eachMs, percent, onInsufficient: strategy.onInsufficient },
      ]),
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

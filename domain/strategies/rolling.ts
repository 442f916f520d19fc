/** Batch after batch of the old release's instances makes room for as many of the new one: no more instances than before. */
import type { Strategy } from '.';
import { blueGreen } from './blue-green';
import { checks, needsTwoAtOnce, sideBySide } from './side-by-side';
import type { StrategyStep } from './strategy';
import { percentOf, turnsOf, type Turn } from './turns';

export const rolling: Strategy = {
  steps: (environment, facts) => {
    const { strategy, watch, platform } = environment;
    if (strategy.kind !== 'rolling') throw new Error(`${strategy.kind} is not rolling`);
    // Nothing to replace batch by batch: what must not run twice is stopped and started.
    if (facts.first || platform.instances === 1) return blueGreen.steps(environment, facts);
    const whole = facts.old ?? platform.instances;
    const [first, ...others] = turnsOf(whole, platform.instances, strategy.batch) as [Turn, ...Turn[]];
    const watched = (turn: Turn): StrategyStep => {
      const percent = percentOf(turn);
      if (percent === 100) return { kind: 'watch', forMs: watch.forMs };
      return { kind: 'watch', forMs: strategy.eachMs, percent, onInsufficient: strategy.onInsufficient };
    };
    return [
      ...(first.old < whole ? [{ kind: 'make-room', old: first.old, of: whole } as const] : []),
      { kind: 'start', instances: first.fresh, beside: first.old },
      ...checks(environment),
      { kind: 'shift', percent: percentOf(first) },
      watched(first),
      ...others.flatMap((turn): StrategyStep[] => [
        { kind: 'replace', percent: percentOf(turn), old: turn.old, instances: turn.fresh },
        watched(turn),
      ]),
      { kind: 'prove' },
    ];
  },
  refusals: (environment, facts) => {
    if (needsTwoAtOnce(environment, facts)) return [sideBySide(environment)];
    const { platform, name } = environment;
    if (facts.first || platform.singleton || platform.instances > 1) return [];
    return [
      `${name}: rolling stops an instance before it starts another, and with one instance nobody would serve meanwhile. ${INSTEAD}`,
    ];
  },
};

const INSTEAD =
  'What would work: `platform.instances: 2` or more; `strategy: blue-green`, which has both for a moment; or `platform.singleton: true`, where it must never run twice, with that gap.';

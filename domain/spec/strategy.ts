import { z } from 'zod';
import { orEmpty, orNull, scalar, section, word } from './kinds';
import type { CanarySpec, StrategySpec } from './spec';
import { duration } from './values';
import { wording } from './wording';
import { parseShare } from '../units';

const kind = word(['blue-green', 'canary'], 'strategy');

const percent = scalar({
  expected: 'a whole share from 1% to 100%',
  read: (text) => {
    const share = parseShare(text);
    const value = share === null ? 0 : Math.round(share * 100_000) / 1_000;
    return Number.isInteger(value) && value >= 1 ? value : null;
  },
});

export const CANARY: CanarySpec = {
  kind: 'canary',
  steps: [10, 50, 100],
  eachMs: 120_000,
  onInsufficient: 'hold',
  stickiness: 'none',
};

const OPTIONS = ['steps', 'each', 'onInsufficient', 'stickiness'] as const;

const options = section({
  kind: kind.meta({ description: 'Its name.', examples: ['canary'] }),
  steps: orNull(z.array(percent, { error: wording('a list of shares, such as [10%, 50%, 100%]') })).meta({
    description:
      'Of a canary: the shares of the traffic that the new release gets, one after another; the last is 100%.',
    examples: ['[10%, 50%, 100%]'],
  }),
  each: orNull(duration(1)).meta({
    description: 'Of a canary: how long each share below 100% is watched (default 2m). `watch.for` is for 100%.',
    examples: ['5m'],
  }),
  onInsufficient: orNull(word(['hold', 'promote', 'rollback'], 'answer')).meta({
    description:
      'Of a canary: what happens when a share was watched twice as long and still gave no verdict: wait for a person (hold, the default), go on, or go back.',
    examples: ['rollback'],
  }),
  stickiness: orNull(word(['none', 'cookie'], 'stickiness')).meta({
    description:
      'Of a canary: whether a user stays on one release while two have traffic (cookie); none, the default, sets no cookie.',
    examples: ['cookie'],
  }),
}).transform((given, context): StrategySpec => {
  const refuse = (key: (typeof OPTIONS)[number], expected: string): void =>
    void context.issues.push({ code: 'custom', message: wording(expected), input: given[key], path: [key] });
  if (given.kind === 'blue-green') {
    for (const key of OPTIONS) if (given[key] !== null) refuse(key, 'nothing here: only `kind: canary` has it');
    return { kind: 'blue-green' };
  }
  const steps = given.steps ?? CANARY.steps;
  if (!isRising(steps)) refuse('steps', 'shares that rise from one to the next, and 100% as the last');
  return {
    kind: 'canary',
    steps,
    eachMs: given.each ?? CANARY.eachMs,
    onInsufficient: given.onInsufficient ?? CANARY.onInsufficient,
    stickiness: given.stickiness ?? 'none',
  };
});

const isRising = (steps: readonly number[]): boolean =>
  steps.at(-1) === 100 && steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0));

export const strategy = orEmpty(
  z.union([kind.transform((name): StrategySpec => (name === 'canary' ? CANARY : { kind: name })), options], {
    error: wording('blue-green, canary, or a mapping with kind'),
  }),
)
  .prefault('blue-green')
  .meta({ description: 'How traffic goes from the old release to the new one.', examples: ['blue-green', 'canary'] });

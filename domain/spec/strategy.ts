import { z } from 'zod';
import { orEmpty, orNull, scalar, section, word } from './kinds';
import type { CanarySpec, RollingSpec, StrategySpec } from './spec';
import { duration, whole } from './values';
import { wording } from './wording';
import { parseShare } from '../units';

const kind = word(['blue-green', 'canary', 'rolling'], 'strategy');

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

export const ROLLING: RollingSpec = {
  kind: 'rolling',
  batch: 1,
  eachMs: 30_000,
  onInsufficient: 'hold',
  stickiness: 'none',
};

/** The strategies that have each option. */
const OPTIONS = {
  steps: ['canary'],
  batch: ['rolling'],
  each: ['canary', 'rolling'],
  onInsufficient: ['canary', 'rolling'],
  stickiness: ['canary', 'rolling'],
} as const satisfies Readonly<Record<string, readonly StrategySpec['kind'][]>>;
type Option = keyof typeof OPTIONS;

const options = section({
  kind: kind.meta({ description: 'Its name.', examples: ['canary'] }),
  steps: orNull(z.array(percent, { error: wording('a list of shares, such as [10%, 50%, 100%]') })).meta({
    description:
      'Of a canary: the shares of the traffic that the new release gets, one after another; the last is 100%.',
    examples: ['[10%, 50%, 100%]'],
  }),
  batch: orNull(whole(1, 63)).meta({
    description: 'Of rolling: instances that are replaced at a time (default 1), fewer than there are.',
    examples: ['2'],
  }),
  each: orNull(duration(1)).meta({
    description:
      'How long each share below 100% of a canary is watched (default 2m), and each batch of rolling but the last (default 30s). `watch.for` is for 100%.',
    examples: ['5m'],
  }),
  onInsufficient: orNull(word(['hold', 'promote', 'rollback'], 'answer')).meta({
    description:
      'Of a canary and of rolling: what happens when a share was watched twice as long and still gave no verdict: wait for a person (hold, the default), go on, or go back.',
    examples: ['rollback'],
  }),
  stickiness: orNull(word(['none', 'cookie'], 'stickiness')).meta({
    description:
      'Of a canary and of rolling: whether a user stays on one release while two have traffic (cookie); none, the default, sets no cookie.',
    examples: ['cookie'],
  }),
}).transform((given, context): StrategySpec => {
  const refuse = (key: Option, expected: string): void =>
    void context.issues.push({ code: 'custom', message: wording(expected), input: given[key], path: [key] });
  for (const key of Object.keys(OPTIONS) as Option[]) {
    const having: readonly string[] = OPTIONS[key];
    if (given[key] !== null && !having.includes(given.kind)) refuse(key, `nothing here: ${onlyFor(having)}`);
  }
  if (given.kind === 'blue-green') return { kind: 'blue-green' };
  if (given.kind === 'rolling') {
    const { batch, eachMs, onInsufficient } = ROLLING;
    return {
      kind: 'rolling',
      batch: given.batch ?? batch,
      eachMs: given.each ?? eachMs,
      onInsufficient: given.onInsufficient ?? onInsufficient,
      stickiness: given.stickiness ?? 'none',
    };
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

const onlyFor = (kinds: readonly string[]): string =>
  `only ${kinds.map((each) => `\`kind: ${each}\``).join(' and ')} ${kinds.length === 1 ? 'has' : 'have'} it`;

const BY_NAME = { 'blue-green': { kind: 'blue-green' }, canary: CANARY, rolling: ROLLING } as const;

const isRising = (steps: readonly number[]): boolean =>
  steps.at(-1) === 100 && steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0));

export const strategy = orEmpty(
  z.union([kind.transform((name): StrategySpec => BY_NAME[name]), options], {
    error: wording('blue-green, canary, rolling, or a mapping with kind'),
  }),
)
  .prefault('blue-green')
  .meta({
    description: 'How traffic goes from the old release to the new one.',
    examples: ['blue-green', 'canary', 'rolling'],
  });

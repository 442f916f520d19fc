import fc from 'fast-check';
import { leastServing } from '../../../domain/plan/downtime';
import { stepName } from '../../../domain/plan/planned-step';
import type { EnvironmentSpec } from '../../../domain/spec/spec';
import { strategyOf } from '../../../domain/strategies';
import type { StrategyStep } from '../../../domain/strategies/strategy';
import { percentOf, turnsBack, turnsOf, type Turn } from '../../../domain/strategies/turns';
import { environmentSpec } from '../../support/specs';

const { platform } = environmentSpec();
const ROLLING = { kind: 'rolling', batch: 1, eachMs: 30_000, onInsufficient: 'hold' } as const;
const CANARY = {
  kind: 'canary',
  steps: [10, 50, 100],
  eachMs: 60_000,
  onInsufficient: 'hold',
  stickiness: 'none',
} as const;

const shop = (strategy: EnvironmentSpec['strategy'], instances: number, change = {}): EnvironmentSpec =>
  environmentSpec({ strategy, platform: { ...platform, instances, ...change } });

const stepsOf = (environment: EnvironmentSpec, old?: number): readonly StrategyStep[] =>
  strategyOf(environment).steps(environment, { first: false, ...(old === undefined ? {} : { old }) });

/** Each step by its name, with the instances that it leaves of either release. */
const short = (steps: readonly StrategyStep[]): string[] =>
  steps.map((step) => {
    const old = 'old' in step ? ` old ${step.old}` : '';
    const fresh = 'instances' in step && step.instances !== undefined ? ` new ${step.instances}` : '';
    return `${stepName(step)}${old}${fresh}`;
  });

describe('a canary', () => {
  test('runs instances in proportion to its share, rounded up, before it gets the share', () => {
    expect(short(stepsOf(shop(CANARY, 4)))).toEqual([
      'start new 1',
      'smoke',
      'shift-10',
      'watch-10',
      'scale-50 new 2',
      'shift-50',
      'watch-50',
      'scale-100 new 4',
      'shift-100',
      'watch',
      'prove',
    ]);
    expect(short(stepsOf(shop(CANARY, 1))).filter((step) => /start|scale/.test(step))).toEqual(['start']);
    const first = strategyOf(shop(CANARY, 4)).steps(shop(CANARY, 4), { first: true });
    expect(short(first)).toEqual(['start', 'smoke', 'shift-100', 'watch', 'prove']);
  });

  test('never has fewer instances than its share needs', () => {
    const shares = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), shares, (instances, some) => {
        const steps = [...some.sort((a, b) => a - b), 100];
        let running = 0;
        for (const step of stepsOf(shop({ ...CANARY, steps }, instances))) {
          if (step.kind === 'start') running = step.instances ?? instances;
          if (step.kind === 'scale') running = step.instances;
          if (step.kind === 'shift') expect(running).toBe(Math.ceil((step.percent * instances) / 100));
        }
        expect(running).toBe(instances);
      }),
    );
  });
});

describe('rolling', () => {
  test('replaces a batch at a time, and watches each', () => {
    expect(short(stepsOf(shop(ROLLING, 4), 4))).toEqual([
      'make-room old 3',
      'start new 1',
      'smoke',
      'shift-25',
      'watch-25',
      'replace-50 old 2 new 2',
      'watch-50',
      'replace-75 old 1 new 3',
      'watch-75',
      'replace-100 old 0 new 4',
      'watch',
      'prove',
    ]);
    expect(short(stepsOf(shop({ ...ROLLING, batch: 2 }, 3), 3)).filter((step) => !step.startsWith('watch'))).toEqual([
      'make-room old 1',
      'start new 2',
      'smoke',
      'shift-67',
      'replace-100 old 0 new 3',
      'prove',
    ]);
  });

  test('of a first release, or of what must never run twice, is what blue-green does', () => {
    const first = strategyOf(shop(ROLLING, 4)).steps(shop(ROLLING, 4), { first: true });
    expect(short(first)).toEqual(['start', 'smoke', 'shift-100', 'watch', 'prove']);
    const singleton = stepsOf(shop(ROLLING, 1, { singleton: true }));
    expect(short(singleton)).toEqual(['stop-old', 'start', 'smoke', 'shift-100', 'watch', 'prove']);
  });

  test('is refused where a single instance would leave a gap that nobody asked for, with what would work', () => {
    const refusals = (environment: EnvironmentSpec, first = false) =>
      strategyOf(environment).refusals(environment, { first });
    expect(refusals(shop(ROLLING, 1))).toEqual([
      expect.stringMatching(/nobody would serve meanwhile.*instances: 2.*blue-green.*singleton: true/),
    ]);
    expect(refusals(shop(ROLLING, 1, { port: { fixed: 3000 } }))).toEqual([
      expect.stringMatching(/leaves room for one/),
    ]);
    for (const fine of [shop(ROLLING, 2), shop(ROLLING, 1, { singleton: true })]) expect(refusals(fine)).toEqual([]);
    expect(refusals(shop(ROLLING, 1), true)).toEqual([]);
  });

  const sizes = fc
    .record({
      old: fc.integer({ min: 1, max: 64 }),
      fresh: fc.integer({ min: 2, max: 64 }),
      batch: fc.integer({ min: 1, max: 63 }),
    })
    .filter(({ fresh, batch }) => batch < fresh);

  test('never has fewer than all but a batch serving, never more than before running, and nobody has all of the traffic before the end', () => {
    fc.assert(
      fc.property(sizes, ({ old, fresh, batch }) => {
        const turns = turnsOf(old, fresh, batch);
        let before: Turn = { old, fresh: 0 };
        for (const turn of turns) {
          expect(turn.old + before.fresh).toBeGreaterThanOrEqual(Math.max(0, Math.min(old, fresh) - batch));
          expect(turn.old + turn.fresh).toBeLessThanOrEqual(Math.max(old, fresh));
          expect(turn.fresh - before.fresh).toBeGreaterThan(0);
          expect(turn.fresh - before.fresh).toBeLessThanOrEqual(batch);
          expect(turn.old).toBeLessThanOrEqual(before.old);
          const isLast = turn === turns.at(-1);
          expect(turn.old > 0).toBe(!isLast);
          expect(percentOf(turn) === 100).toBe(isLast);
          expect(Math.abs(percentOf(turn) - (100 * turn.fresh) / (turn.fresh + turn.old))).toBeLessThanOrEqual(0.5);
          before = turn;
        }
        expect(before).toEqual({ old: 0, fresh });
        const least = leastServing(stepsOf(shop({ ...ROLLING, batch }, fresh), old));
        expect(least).toBeGreaterThanOrEqual(Math.max(0, Math.min(old, fresh) - batch));
      }),
    );
  });

  test('goes back from wherever it stands, never with fewer serving than on the way there, to all that there was', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.boolean(), ({ old, fresh, batch }, at, isHalfDone) => {
        const steps = stepsOf(shop({ ...ROLLING, batch }, fresh), old);
        const turns = [{ old, fresh: 0 }, ...turnsOf(old, fresh, batch)];
        const index = 1 + (at % (turns.length - 1));
        const [before, reached] = [turns[index - 1] as Turn, turns[index] as Turn];
        // Half done: the old ones have left, the new ones have not come.
        let now = isHalfDone ? { old: reached.old, fresh: before.fresh } : reached;
        if (now.old + now.fresh === 0) return;
        for (let rounds = 0; now.old < old || now.fresh > 0; rounds += 1) {
          expect(rounds).toBeLessThanOrEqual(turns.length);
          const [turn] = turnsBack(steps, now);
          if (turn === undefined) throw new Error('no way back');
          const leaving = Math.min(now.fresh, turn.fresh);
          expect(now.old + leaving).toBeGreaterThanOrEqual(
            Math.max(1, Math.min(old, fresh) - batch) - (old < fresh ? batch : 0),
          );
          expect(turn.old + leaving).toBeLessThanOrEqual(Math.max(old, fresh));
          now = turn;
        }
        expect(now).toEqual({ old, fresh: 0 });
      }),
    );
  });
});

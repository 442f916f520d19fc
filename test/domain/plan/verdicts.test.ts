import { verdictOf, type MeasuredTraffic } from '../../../domain/plan/verdicts';
import { verdictSentence } from '../../../domain/reports/verdict';
import { environmentSpec } from '../../support/specs';

const watch = (percent: number | null, minutes: number) =>
  ({
    kind: 'watch',
    forMs: minutes * 60_000,
    name: percent === null ? 'watch' : `watch-${percent}`,
    ...(percent === null ? {} : { percent }),
  }) as const;

const traffic = (perSecond: number, change: Partial<MeasuredTraffic> = {}): MeasuredTraffic => ({
  perSecond,
  quietPerSecond: perSecond / 4,
  errors: 0.002,
  hours: 48,
  ...change,
});

const unprobed = environmentSpec({ smoke: [] });

describe('whether a watch can reach a verdict', () => {
  test('is yes where the share of the usual traffic gives answers enough', () => {
    const verdict = verdictOf(watch(10, 2), unprobed, traffic(100));
    expect(verdict).toMatchObject({ reach: 'within', expects: 1_200, wouldDo: [] });
    expect(verdict.needs).toBeGreaterThanOrEqual(30);
    expect(verdict.needs).toBeLessThan(300);
    expect(verdict.seconds).toBeCloseTo((verdict.needs ?? 0) / 10, 6);
    expect(verdictSentence(verdict)).toMatch(
      /^watch-10: 10 % of the usual traffic gives about 1,200 in 2 min; a verdict needs \d+ answers: within reach after/,
    );
  });

  test('names a longer watch, a larger share and probes where it is no', () => {
    const verdict = verdictOf(watch(10, 2), unprobed, traffic(0.5));
    expect(verdict.reach).toBe('not');
    const [longer, share, probes] = verdict.wouldDo;
    expect(longer).toEqual({ kind: 'longer', seconds: Math.ceil((verdict.needs ?? 0) / 0.05) });
    expect(share).toMatchObject({ kind: 'share' });
    expect(probes).toEqual({ kind: 'probes' });
    expect(verdictSentence(verdict)).toContain(
      'not within reach, also when the watch is prolonged; it would be with a watch of',
    );
  });

  test.each([
    ['longer', 'longer', (seconds: number) => verdictOf(watch(10, seconds / 60), unprobed, traffic(0.5))],
    ['larger', 'share', (percent: number) => verdictOf(watch(percent, 2), unprobed, traffic(0.5))],
  ] as const)('is yes with the %s that it names', (_what, kind, again) => {
    const named = verdictOf(watch(10, 2), unprobed, traffic(0.5)).wouldDo.find((remedy) => remedy.kind === kind);
    const value = named?.kind === 'longer' ? named.seconds : named?.kind === 'share' ? named.percent : NaN;
    expect(again(value).reach).toBe('within');
  });

  test('is yes for requests of the watch itself where the spec has some and the least number is enough', () => {
    const verdict = verdictOf(watch(10, 2), environmentSpec(), traffic(0.01, { errors: 0 }));
    expect(verdict).toMatchObject({ reach: 'probes', needs: 30, wouldDo: [] });
  });

  test('is only yes for the prolonged watch where once is too short', () => {
    const { needs } = verdictOf(watch(10, 2), unprobed, traffic(100));
    const perSecond = ((needs ?? 0) / 150) * 10;
    expect(verdictOf(watch(10, 2), unprobed, traffic(perSecond)).reach).toBe('prolonged');
  });

  test('is unknown without measured traffic, and no remedy is made up', () => {
    const verdict = verdictOf(watch(10, 2), unprobed, null);
    expect(verdict).toMatchObject({ reach: 'unknown', expects: null, wouldDo: [] });
    expect(verdictSentence(verdict)).toContain('no traffic was measured yet');
  });

  test('is no, and time does not help, where nobody asks anything', () => {
    const verdict = verdictOf(watch(10, 2), unprobed, traffic(0));
    expect(verdict).toMatchObject({ reach: 'not', seconds: null });
    expect(verdict.wouldDo).toEqual([{ kind: 'probes' }]);
  });

  test('takes the errors that are usual into account', () => {
    const calm = verdictOf(watch(null, 10), unprobed, traffic(10, { errors: 0 })).needs ?? 0;
    const usual = verdictOf(watch(null, 10), unprobed, traffic(10, { errors: 0.008 })).needs ?? 0;
    expect(calm).toBe(30);
    expect(usual).toBeGreaterThanOrEqual(calm);
    expect(verdictOf(watch(null, 10), unprobed, traffic(10, { errors: 0.05 })).needs).toBeNull();
  });
});

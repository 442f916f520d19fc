import type { DeploymentStatus } from '../../../domain/deployment';
import { outcomeSentence, reasonOf, whySentence } from '../../../domain/reports/sentence';
import { bytes, clock, count, duration, milliseconds, secondsBetween, share } from '../../../domain/reports/words';
import { ROLLED_BACK, WAITING } from './deployment';

const why = { measure: 'errors', value: '11.8 %', limit: '1 %', samples: '47 of 398 answers', source: 'router' };
const status = (change: Partial<DeploymentStatus>): DeploymentStatus => ({ ...ROLLED_BACK, why: null, ...change });

test('a halt states value, limit, samples and source', () => {
  expect(whySentence(why)).toBe('errors 11.8 %, limit 1 % (47 of 398 answers; source: router)');
});

test.each<[string, Partial<DeploymentStatus>, string]>([
  ['a success', { outcome: 'succeeded', reason: null }, 'shop 1.2.0 serves in production.'],
  ['a rollback', { outcome: 'succeeded', reason: null, kind: 'rollback' }, 'shop 1.2.0 serves again in production.'],
  [
    'a rejection',
    { outcome: 'rejected', reason: 'bo said no: not on a Friday.' },
    'shop 1.2.0 was rejected; the last environment was never changed: bo said no: not on a Friday.',
  ],
  [
    'a way back',
    { why, reason: 'it was worse than allowed' },
    'shop 1.2.0 was rolled back in production, and 1.1.0 serves: it was worse than allowed: errors 11.8 %, limit 1 % (47 of 398 answers; source: router).',
  ],
  [
    'a way back that is not whole',
    { outcome: 'rollback-failed', reason: 'the router is away' },
    'shop 1.2.0 could not be rolled back completely in production; a person must look: the router is away.',
  ],
])('%s is told in one sentence', (_name, change, sentence) => {
  expect(outcomeSentence(status(change))).toBe(sentence);
});

describe('what is left in an environment before the last is said in the same sentence', () => {
  const staging = { ...ROLLED_BACK.releases[0], environment: 'staging', version: '1.2.0', weight: 100 } as const;
  const releases = [staging as DeploymentStatus['releases'][number]];

  test('where it goes on serving what production refused', () => {
    const left = status({ releases, outcome: 'rejected', reason: 'no' });
    expect(outcomeSentence(left)).toMatch(
      /^shop 1\.2\.0 was rejected; the last environment was never changed; staging goes on serving 1\.2\.0.*: no\.$/,
    );
    expect(outcomeSentence(status({ releases, reason: 'worse' }))).toContain('; staging goes on serving 1.2.0');
  });

  test.each<[string, Partial<DeploymentStatus>]>([
    ['it went back there as well', { releases: [{ ...releases[0]!, weight: 0 }] }],
    ['another version serves there', { releases: [{ ...releases[0]!, version: '1.1.0' }] }],
    ['it was not proven there', { releases, phases: [] }],
    ['all went well', { releases, outcome: 'succeeded', reason: null }],
  ])('but not where %s', (_title, change) => {
    expect(outcomeSentence(status({ reason: 'no', ...change }))).not.toContain('staging');
  });
});

test('a deployment says whom it waits for, where not everybody may', () => {
  const asked = (from: readonly string[], notBy?: string): string => {
    const wait = WAITING.waitingFor;
    if (wait === null) throw new Error('it waits');
    return outcomeSentence({ ...WAITING, waitingFor: { ...wait, from, ...(notBy !== undefined && { notBy }) } });
  };
  expect(asked([], 'ana')).toContain('waits for approval by anybody but ana, who asked for it (');
  expect(asked(['ana', 'bo'], 'ana')).toContain('waits for approval by bo (');
  expect(asked(['ana'], 'ana')).toContain('by nobody, as ana asked for it (');
  expect(asked([])).toContain('by anybody who may (');
});

test('a reason that has the figures already is not told twice', () => {
  const reason = 'errors 11.8 %, limit 1 % (47 of 398 answers; source: router)';
  expect(reasonOf({ reason, why })).toBe(reason);
  expect(reasonOf({ reason: null, why })).toBe(reason);
  expect(reasonOf({ reason: null, why: null })).toBeNull();
});

test('a deployment that waits says for whom, until when, and what then', () => {
  expect(outcomeSentence(WAITING)).toBe(
    'shop 1.2.0 waits for approval by bo (0 of 1 given), until 2026-11-24 14:02:30 UTC, then it is rejected, and staging stays as it is.',
  );
});

test('a deployment that runs says what it does', () => {
  expect(
    outcomeSentence({ ...WAITING, waitingFor: null, phase: 'staging', environment: 'staging', step: 'smoke' }),
  ).toBe('shop 1.2.0 is in staging: smoke.');
});

test('times, counts and sizes are written as people read them', () => {
  expect([0.04, 9.94, 9.96, 59.4, 59.6, 185, 3_599.7, 7_800, 86_399, 100_800, null].map(duration)).toEqual([
    '0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min',
    '3 min 5 s',
    '1 h',
    '2 h 10 min',
    '1 d',
    '1 d 4 h',
    '-',
  ]);
  expect([0, 999, 1_000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 999, 1_480_221, 200_000_000].map(bytes)).toEqual(['0 B', '999 B', '1.5 MB', '200 MB']);
  expect([null, 4.4, 9_999, 61_000].map(milliseconds)).toEqual(['-', '4 ms', '9999 ms', '1 min 1 s']);
  expect([null, 33.333].map(share)).toEqual(['-', '33.3 %']);
  expect(clock('2026-11-23T14:03:22.123Z')).toBe('2026-11-23 14:03:22 UTC');
  expect(clock('soon')).toBe('soon');
  expect(secondsBetween('2026-11-23T14:00:00Z', '2026-11-23T14:01:00Z')).toBe(60);
  expect(secondsBetween('soon', '2026-11-23T14:01:00Z')).toBeNull();
});

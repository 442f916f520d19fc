import { createRandom, type Random } from '../../../bench/support/random';
import { whyOf } from '../../../domain/judge/finding';
import { ALPHA } from '../../../domain/judge/judge';
import { StreamJudge, type StreamVerdict } from '../../../domain/judge/stream';
import { whySentence } from '../../../domain/reports/sentence';

const MINUTE = 60_000;
const OBJECTIVE = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: ALPHA };

/** One request a minute, of which the new release gets a share. */
function judged(minutes: number, share: number, badShare: number, random: Random): StreamVerdict {
  const judge = new StreamJudge(OBJECTIVE);
  for (let minute = 0; minute < minutes; minute += 1) {
    const release = random.next() < share ? 'new' : 'old';
    const status = random.next() < badShare ? 500 : 200;
    judge.take({ at: minute * MINUTE + random.next() * MINUTE, release, status, ms: 20 + 10 * random.next() });
  }
  return judge.end();
}

const many = (minutes: number, share: number, badShare: number): readonly StreamVerdict[] =>
  Array.from({ length: 80 }, (_, seed) => judged(minutes, share, badShare, createRandom(seed + 1)));

describe('traffic of one request a minute', () => {
  test.each([
    ['10 % of it for 4 minutes', 4, 0.1],
    ['50 % of it for 4 minutes', 4, 0.5],
    ['all of it for 20 minutes', 20, 1],
  ])('gives no verdict for %s, and says what is missing', (_what, minutes, share) => {
    const verdicts = many(minutes, share, 0.005);
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['inconclusive']));
    for (const { needs } of verdicts) expect(needs?.requests).toBeGreaterThan(0);
    const { finding, needs } = verdicts[0] as StreamVerdict;
    expect(finding && whySentence(whyOf(finding))).toMatch(/^answers \d+, limit at least 30/);
    expect(share < 1 || needs?.seconds).toBeTruthy();
  });

  test('gives no false alarm in a day, with the errors that are usual', () => {
    const verdicts = [...many(1_440, 0.1, 0.005), ...many(1_440, 0.5, 0.005)].map(({ verdict }) => verdict);
    expect(verdicts.filter((verdict) => verdict === 'unhealthy')).toEqual([]);
    expect(verdicts.filter((verdict) => verdict === 'healthy').length).toBeGreaterThan(verdicts.length / 2);
  });

  test('gives no false alarm in a day in which both releases fail alike', () => {
    const alarms = many(1_440, 0.1, 0.1).filter(({ verdict }) => verdict === 'unhealthy');
    expect(alarms).toEqual([]);
  });
});

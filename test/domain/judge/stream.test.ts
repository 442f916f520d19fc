import type { Objective } from '../../../domain/judge/judge';
import { StreamJudge, type Answer, type StreamVerdict } from '../../../domain/judge/stream';

const OBJECTIVE: Objective = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: 0.001 };

function judged(answers: Iterable<Answer>): StreamVerdict {
  const judge = new StreamJudge(OBJECTIVE);
  for (const answer of answers) judge.take(answer);
  return judge.end();
}

/** 100 answers a second, each tenth of the new release, which fails from `failsAt` on. */
const stream = (seconds: number, failsAt = Infinity): readonly Answer[] =>
  Array.from({ length: seconds * 100 }, (_, i): Answer => {
    const release = i % 10 === 3 ? 'new' : 'old';
    return { at: i * 10, release, status: release === 'new' && i * 10 >= failsAt ? 500 : 200, ms: 12, route: '/' };
  });

test('a stream without faults is healthy', () => {
  expect(judged(stream(30))).toEqual({
    verdict: 'healthy',
    at: null,
    after: { newRequests: 300, oldRequests: 2_700 },
    finding: null,
    needs: null,
  });
});

test('a fault is seen within a second at ten new answers a second', () => {
  const { verdict, at, finding } = judged(stream(30, 20_000));
  expect(verdict).toBe('unhealthy');
  expect(at).toBeGreaterThan(20_000);
  expect(at).toBeLessThanOrEqual(21_000);
  expect(finding).toMatchObject({ measure: 'errors', against: 'old release', value: 1 });
});

test('nothing that comes later changes the verdict', () => {
  const failing = stream(30, 20_000);
  const { at } = judged(failing);
  const untilThen = failing.filter((answer) => answer.at <= (at ?? 0));
  expect(judged(untilThen)).toEqual(judged(failing));
});

test('no answer at all is no verdict', () => {
  expect(judged([])).toMatchObject({ verdict: 'inconclusive', at: null, needs: { requests: 30, seconds: null } });
});

test('one answer a minute is no verdict either, and says how long it takes', () => {
  const thin = Array.from({ length: 20 }, (_, i): Answer => ({ at: i * 60_000, release: 'new', status: 200, ms: 12 }));
  expect(judged(thin)).toMatchObject({ verdict: 'inconclusive', needs: { requests: 10, seconds: 570 } });
});

test('status 0 is an error, and its time says nothing', () => {
  const silent = stream(10).map((answer): Answer =>
    answer.release === 'new' ? { ...answer, status: 0, ms: 0 } : answer,
  );
  expect(judged(silent)).toMatchObject({ verdict: 'unhealthy', finding: { measure: 'errors', value: 1 } });
});

test('answers that come out of order are taken as of now', () => {
  const shuffled = stream(10, 5_000).map((answer, i) =>
    i % 50 === 0 ? { ...answer, at: Math.max(0, answer.at - 700) } : answer,
  );
  expect(judged(shuffled).verdict).toBe('unhealthy');
});

test('a new release whose old one vanishes after an incident of both is judged by what it answers since then', () => {
  const isBad = ({ at }: Answer): boolean => at < 60_000 && at % 7 === 0;
  const beside = stream(60).map((answer) => ({ ...answer, status: isBad(answer) ? 500 : 200 }));
  const alone = stream(120).filter(({ at, release }) => at >= 60_000 && release === 'new');
  expect(beside.filter(isBad).length).toBeGreaterThan(800);
  expect(judged([...beside, ...alone])).toMatchObject({ verdict: 'healthy' });
  expect(judged([...beside, ...alone.map((answer) => ({ ...answer, status: 500 }))]).verdict).toBe('unhealthy');
});

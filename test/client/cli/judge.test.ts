import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { mvca, type Ran } from '../../support/mvca';
import { removeScratch, scratch } from '../../support/scratch';

let folder: string;
beforeAll(() => {
  folder = scratch();
});
afterAll(removeScratch);

const run = (...args: readonly string[]): Promise<Ran> =>
  mvca(['judge', ...args], { cwd: folder, env: { MVCA_HOME: path.join(folder, 'home') } });

const answer = (i: number, fails: boolean): string => {
  const release = i % 10 === 3 ? 'new' : 'old';
  const status = fails && release === 'new' ? 500 : 200;
  return JSON.stringify({ at: i * 10, release, status, ms: 12, route: '/' });
};
const stream = (fails: boolean, seconds = 20): string =>
  Array.from({ length: seconds * 100 }, (_, i) => answer(i, fails)).join('\n');

const given = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return name;
};

test('a file is judged: the verdict on standard output as a sentence, or as one JSON object', async () => {
  const file = given('bad.jsonl', stream(true));
  const told = await run(file);
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(told.out).toMatch(
    /^unhealthy at \d+ ms, after \d+ new and \d+ old answers: errors 100 %, limit old release 0 %/,
  );
  const { out } = await run(file, '--json');
  expect(JSON.parse(out)).toMatchObject({
    verdict: 'unhealthy',
    at: expect.any(Number),
    after: { newRequests: expect.any(Number), oldRequests: expect.any(Number) },
    why: { measure: 'errors', value: 1, limit: 0, samples: expect.any(Number), against: 'old release' },
    needs: null,
  });
});

test('--exit-code tells the verdict to scripts', async () => {
  const codes = await Promise.all(
    [given('healthy.jsonl', stream(false)), given('unhealthy.jsonl', stream(true)), given('none.jsonl', '')].map(
      async (file) => (await run(file, '--exit-code')).code,
    ),
  );
  expect(codes).toEqual([0, 4, 3]);
});

test('--concat judges each of many streams by itself, a line each', async () => {
  const file = given(
    'many.jsonl',
    `{"stream":"a"}\n${stream(true)}\n{"stream":"b"}\n${stream(false)}\n{"stream":"c"}\n`,
  );
  const { code, out } = await run(file, '--concat', '--json');
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { stream: string; verdict: string });
  expect(lines.map(({ stream: name, verdict }) => [name, verdict])).toEqual([
    ['a', 'unhealthy'],
    ['b', 'healthy'],
    ['c', 'inconclusive'],
  ]);
});

test.each([
  ['not JSON', 'x', 'wrong.jsonl:2: not JSON: x'],
  ['an unknown release', '{"at":1,"release":"newer","status":200,"ms":1}', 'release: newer; expected "old" or "new"'],
  ['a missing time', '{"release":"new","status":200,"ms":1}', 'at: missing; expected milliseconds'],
  [
    'an impossible status',
    '{"at":1,"release":"new","status":20,"ms":1}',
    'status: 20; expected a status from 100 to 599',
  ],
  ['a stream without --concat', '{"stream":"a"}', 'say --concat'],
])('a line that is %s ends it with 2 and names the place', async (_title, line, words) => {
  const { code, out, err } = await run(given('wrong.jsonl', `${answer(0, false)}\n${line}\n`));
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});

test('a file that cannot be read is no verdict', async () => {
  const { code, err } = await run('missing.jsonl');
  expect(code).toBe(2);
  expect(err).toContain('missing.jsonl cannot be read');
});

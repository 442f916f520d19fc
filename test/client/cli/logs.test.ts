import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mvca, startMvca } from '../../support/mvca';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';

let home: string;
const logFile = (environment: string, release: string) =>
  `host/releases/shop/${environment}/${release}/logs/release.ndjson`;
const logged = (line: string, change: object = {}): string =>
  `${JSON.stringify({ at: new Date().toISOString(), instance: 0, stream: 'out', line, ...change })}\n`;

beforeAll(() => {
  home = scratch();
  const definition = (version: string, createdAt: number) =>
    JSON.stringify({ format: 1, app: 'shop', version, createdAt });
  writeFiles(home, {
    'host/releases/shop/production/1.0.0-aaaa/release.json': definition('1.0.0', 1),
    'host/releases/shop/staging/1.1.0-bbbb/release.json': definition('1.1.0', 2),
    [logFile('production', '1.0.0-aaaa')]:
      logged('an old line', { at: '2020-01-01T00:00:00.000Z' }) + logged('served \u001b[2J/', { instance: 1 }),
    [logFile('staging', '1.1.0-bbbb')]: logged('Error: no port', { stream: 'err', at: '2021-01-01T00:00:00.000Z' }),
  });
});
afterAll(removeScratch);

const run = (line: string) => mvca(line.split(' '), { cwd: '/', env: { MVCA_HOME: home } });
const texts = (out: string): string[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));

test('logs of all releases stand in the order of their time, with where they come from', async () => {
  const { code, out } = await run('logs shop');
  expect(code).toBe(0);
  expect(texts(out)).toEqual([
    'production 1.0.0-aaaa#0 │ an old line',
    'staging 1.1.0-bbbb#0 │ Error: no port',
    'production 1.0.0-aaaa#1 │ served /',
  ]);
});

test.each([
  ['--environment staging', ['staging 1.1.0-bbbb#0 │ Error: no port']],
  ['--release 1.0.0 --since 1h', ['production 1.0.0-aaaa#1 │ served /']],
  ['--grep no.port', ['staging 1.1.0-bbbb#0 │ Error: no port']],
])('%s picks what is meant', async (options, expected) => {
  expect(texts((await run(`logs shop ${options}`)).out)).toEqual(expected);
});

test('--json gives an object a line', async () => {
  const { out } = await run('logs shop --environment staging --json');
  expect(JSON.parse(out)).toMatchObject({
    line: 'Error: no port',
    stream: 'err',
    environment: 'staging',
    version: '1.1.0',
  });
});

test('a release that is not there is named', async () => {
  expect(await run('logs shop --release 9.9.9')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no release of shop named 9.9.9 has logs'),
  });
});

test('--follow goes on with what is written later, until Ctrl-C', async () => {
  const following = startMvca(['logs', 'shop', '--follow'], { cwd: '/', env: { MVCA_HOME: home } });
  const file = path.join(home, logFile('production', '1.0.0-aaaa'));
  for (const deadline = Date.now() + 30_000; !following.said().out.includes('later'); await sleep(100)) {
    if (Date.now() > deadline) throw new Error('the line never came');
    appendFileSync(file, logged('later'));
  }
  following.child.kill('SIGINT');
  expect((await following.ended).code).toBe(0);
});

/** Whoever wrote a repository chose what lies in it: its spec is read without following it anywhere, and in no more than a second. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { appNameIn, loadSpec } from '../../client/spec-file';
import { parseSpec } from '../../domain/spec/parse';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

const SECRET = 'password: correct horse battery staple';
const inFolder = (make: (file: string, folder: string) => void): string => {
  const folder = scratch();
  const file = path.join(folder, 'deployment.yaml');
  make(file, folder);
  return file;
};

describe('what is no file of the repository is not read, and nobody waits for it', () => {
  const made: Readonly<Record<string, [(file: string, folder: string) => void, RegExp]>> = {
    'a link to a file of its reader': [
      (file, folder) => {
        writeFileSync(path.join(folder, 'theirs'), SECRET);
        symlinkSync(path.join(folder, 'theirs'), file);
      },
      /is a link, which is not followed/,
    ],
    'a link to a device without an end': [(file) => symlinkSync('/dev/zero', file), /is a link/],
    'a link to itself': [(file) => symlinkSync(file, file), /is a link/],
    'a pipe that nobody writes to': [
      (file) => void execFileSync('mkfifo', ['--', file]),
      /is a pipe, a socket or a device/,
    ],
    'a folder': [(file) => mkdirSync(file), /is a folder/],
    'a file of 300 MB': [
      (file) => void execFileSync('truncate', ['-s', '300M', '--', file]),
      /is larger than 100000 bytes/,
    ],
  };
  test.each(Object.entries(made))('%s', async (_what, [make, words]) => {
    const file = inFolder(make);
    const loaded = await loadSpec(file);
    expect(loaded).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(words) as string });
    expect(JSON.stringify(loaded)).not.toContain('horse');
    expect(await appNameIn(file)).toBeNull();
  });

  test('a device is refused by the command line, too', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [path.join(__dirname, '../../dist/client/cli/main.js'), 'plan', '--spec', '/dev/zero'],
      { timeout: 20_000, encoding: 'utf8' },
    );
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('/dev/zero is a pipe') as string,
    });
  });
});

describe('small texts that unfold into much end within a second of processor time, with words', () => {
  const times = (count: number, one: (n: number) => string, between = '\n'): string =>
    Array.from({ length: count }, (_, n) => one(n)).join(between);
  const fill = (start: string, part: string): string =>
    start + part.repeat(Math.floor((99_000 - start.length) / part.length));
  const TEXTS: Readonly<Record<string, string>> = {
    'lists of lists of aliases': `a0: &a0 [x]\n${times(12, (n) => `a${n + 1}: &a${n + 1} [${times(9, () => `*a${n}`, ',')}]`)}`,
    'merges of merges': `m0: &m0 {x: 1}\n${times(60, (n) => `m${n + 1}: &m${n + 1} {<<: [*m${n}, *m${n}]}`)}`,
    'a merge of itself': 'a: &a { <<: *a }',
    'aliases of one long text': fill(`m: &m {k: "${'x'.repeat(50_000)}"}\nl:\n`, '- *m\n'),
    'many aliases': fill('a: &a x\nl:\n', '- *a\n'),
    'many keys': times(12_000, (n) => `k${n}: 1`),
    'many anchors': times(7_000, (n) => `- &a${n} x`),
    'brackets in brackets': fill('a: ', '['),
    'braces in braces': fill('a: ', '{'),
    'lists in lists': fill('', '- '),
    'keys in keys': fill('', '? '),
    'deeper and deeper': times(430, (n) => `${' '.repeat(n)}a:`),
    'comments alone': fill('', '#\n'),
    'nothing but mistakes': fill('', '@\n'),
    colons: fill('', 'a: b: c: '),
    'an open quote': fill('a: "', '\\'),
    'more than a spec may be': 'x'.repeat(1_000_000),
  };
  test.each(Object.entries(TEXTS))('%s', (_what, text) => {
    const before = process.cpuUsage();
    const parsed = parseSpec(text, 'deployment.yaml');
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problems[0]?.expected).not.toBe('');
  });
});

test('anchors and merges of an ordinary spec are read as before, and a key that comes twice is said', () => {
  const text = (variables: string): string =>
    `app: shop
environments:
  staging: &tier
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:8081 }
    variables: { A: "1" }
  production:
    <<: *tier
    traffic: { kind: router, listen: 127.0.0.1:8080 }
    variables: ${variables}
`;
  const { ok, ...read } = parseSpec(text('{ A: "2" }'), 'deployment.yaml');
  expect({ ok, ...read }).toMatchObject({
    ok: true,
    spec: { environments: [{ variables: { A: '1' } }, { variables: { A: '2' }, platform: { kind: 'process' } }] },
  });
  expect(parseSpec(text('{ A: "2", A: "3" }'), 'deployment.yaml')).toMatchObject({
    ok: false,
    problems: [
      {
        value: 'environments.production.variables.A',
        expected: expect.stringMatching(/^each key once in a mapping; it stands in line \d+ already$/),
      },
    ],
  });
});

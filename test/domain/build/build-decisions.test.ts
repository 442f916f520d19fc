import { commandWords, endWords, importantLines, saysDiskFull } from '../../../domain/build/command-words';
import { isCompressible } from '../../../domain/build/compressible';
import { inputsText } from '../../../domain/build/inputs';
import { hasDevelopmentDependencies, isPlugAndPlay, packageManagerOf } from '../../../domain/build/package-manager';
import { plainBuild } from '../../support/scratch';

const facts = (files: string[], packageJson: object | null = {}, lock = '', yarnSettings = '') => ({
  files: new Set(files),
  packageJson,
  lock,
  yarnSettings,
});

describe('The package manager', () => {
  test.each([
    ['package-lock.json', '', 'npm ci'],
    ['npm-shrinkwrap.json', '', 'npm ci'],
    ['pnpm-lock.yaml', "lockfileVersion: '9.0'", 'pnpm install --frozen-lockfile'],
    ['yarn.lock', '# yarn lockfile v1', 'yarn install --frozen-lockfile --non-interactive'],
    ['yarn.lock', '__metadata:\n  version: 8', 'yarn install --immutable'],
  ])('is found by %s (%s)', (file, lock, command) => {
    const manager = packageManagerOf(facts([file], {}, lock));
    expect(manager?.install.join(' ')).toBe(command);
    expect(manager?.repeatable).toBe(true);
  });

  test.each([
    ["lockfileVersion: '9.0'", {}, 'pnpm@9'],
    ["lockfileVersion: '6.0'", {}, 'pnpm@8'],
    ['lockfileVersion: 5.4', {}, 'pnpm@7'],
    ["lockfileVersion: '9.0'", { packageManager: 'pnpm@10.2.0+sha512.abc' }, 'pnpm@10.2.0'],
  ])('is fetched in the version of the lock file %s or as declared', (lock, packageJson, fetched) => {
    expect(packageManagerOf(facts(['pnpm-lock.yaml'], packageJson, lock))?.fetched).toBe(fetched);
  });

  test('is npm without a lock file, and none without a package.json', () => {
    expect(packageManagerOf(facts([]))).toMatchObject({ name: 'npm', repeatable: false });
    expect(packageManagerOf(facts([], null))).toBeNull();
  });

  test.each([
    ['__metadata:\n  version: 8', '', true],
    ['__metadata:\n  version: 8', 'enableTelemetry: false\nnodeLinker: "node-modules"\n', false],
    ['__metadata:\n  version: 8', 'nodeLinker: pnp', true],
    ['# yarn lockfile v1', '', false],
  ])('is yarn without node_modules by its lock file and settings (%j, %j)', (lock, settings, is) => {
    expect(isPlugAndPlay(facts(['yarn.lock'], {}, lock, settings))).toBe(is);
  });

  test('prunes only where there is something to prune', () => {
    expect(hasDevelopmentDependencies(facts([], { devDependencies: {} }))).toBe(false);
    expect(hasDevelopmentDependencies(facts([], { devDependencies: { jest: '1' } }))).toBe(true);
    expect(hasDevelopmentDependencies(facts([], { workspaces: ['a'] }))).toBe(true);
    expect(hasDevelopmentDependencies(facts(['pnpm-workspace.yaml'], {}))).toBe(true);
  });
});

describe('A command', () => {
  const end = { end: 'exited' as const, code: 2, signal: null, seconds: 3.14, tail: [], error: null };
  test('is spoken of as a person would type it', () => {
    expect(commandWords(['node', "it's", 'a b', '--x=1'])).toBe("node 'it'\\''s' 'a b' --x=1");
  });

  test('ends in words', () => {
    expect(endWords(end)).toBe('exited with code 2 after 3.1 s');
    expect(endWords({ ...end, code: 137 })).toContain('not enough memory');
    expect(endWords({ ...end, end: 'signalled', code: null, signal: 'SIGSEGV', seconds: 61 })).toBe(
      'was ended by SIGSEGV after 61 s',
    );
    expect(endWords({ ...end, end: 'timed-out' })).toContain('was still running');
  });

  test('fails with the lines that matter', () => {
    const tail = [
      '> build',
      'compiling',
      "src/a.ts(1,1): error TS2304: Cannot find name 'x'.",
      '',
      'npm error code 2',
      'npm error A complete log of this run can be found in: /x/_logs/y.log',
    ];
    expect(importantLines(tail)).toEqual(["src/a.ts(1,1): error TS2304: Cannot find name 'x'.", 'npm error code 2']);
    const usage = [
      'npm error code EUSAGE',
      'npm error',
      'npm error Missing: x from lock file',
      'npm error Clean install a project',
      'npm error --a',
    ];
    expect(importantLines(usage)).toEqual(['npm error code EUSAGE', 'npm error Missing: x from lock file']);
    expect(importantLines(Array.from({ length: 30 }, (_, n) => `line ${n}`))).toHaveLength(10);
    expect(importantLines(['error 1', ...Array.from({ length: 30 }, (_, n) => `line ${n}`)]).slice(-2)).toEqual([
      'line 28',
      'line 29',
    ]);
  });

  test('tells a full disk', () => {
    expect(saysDiskFull(['Error: ENOSPC: no space left on device, write'])).toBe(true);
    expect(saysDiskFull(['fine'])).toBe(false);
  });
});

test('Only what compresses well is compressed', () => {
  expect(isCompressible('a/b.CSS', 2_000)).toBe(true);
  expect(isCompressible('a/b.css', 1_000)).toBe(false);
  for (const name of ['a.png', 'a.woff2', 'a.gz', 'a', 'css']) expect(isCompressible(name, 9_000)).toBe(false);
});

test('Every part of the inputs changes their text', () => {
  const inputs = {
    snapshot: 'sha256:1',
    build: plainBuild,
    commit: 'c',
    tag: null,
    git: false,
    node: 'v20.0.0',
    platform: 'linux',
    architecture: 'x64',
  };
  const changes = [
    { snapshot: 'x' },
    { build: { ...plainBuild, command: [['a']] } },
    { commit: 'd' },
    { tag: 't' },
    { git: true },
    { node: 'v22' },
    { platform: 'x' },
    { architecture: 'y' },
  ];
  const texts = changes.map((change) => inputsText({ ...inputs, ...change }));
  expect(new Set([...texts, inputsText(inputs)]).size).toBe(changes.length + 1);
  expect(inputsText({ ...inputs })).toBe(inputsText(inputs));
});

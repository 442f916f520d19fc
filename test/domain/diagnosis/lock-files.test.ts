import { packageChanges, readLockFile } from '../../../domain/diagnosis/lock-files';

const NPM_3 = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    '': { version: '1.0.0' },
    'node_modules/pg': { version: '8.11.0' },
    'node_modules/@scope/one': { version: '2.0.0' },
    'node_modules/pg/node_modules/split2': { version: '3.0.0' },
  },
});

test.each([
  ['package-lock.json', NPM_3, { pg: '8.11.0', '@scope/one': '2.0.0' }],
  [
    'npm-shrinkwrap.json',
    JSON.stringify({ lockfileVersion: 1, dependencies: { pg: { version: '7.0.0' } } }),
    { pg: '7.0.0' },
  ],
  [
    'pnpm-lock.yaml',
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      pg:\n        version: 8.11.0\n\npackages:\n\n  '@scope/one@2.0.0':\n    resolution: {integrity: x}\n\n  pg@8.11.0:\n    resolution: {integrity: y}\n    engines: {node: '>= 8.0.0'}\n\nsnapshots:\n\n  pg@8.11.0: {}\n",
    { '@scope/one': '2.0.0', pg: '8.11.0' },
  ],
  [
    'pnpm-lock.yaml',
    'lockfileVersion: 5.4\n\npackages:\n\n  /@scope/one/2.0.0:\n    resolution: {integrity: x}\n  /pg/8.11.0_pg-native@3.0.0:\n    dev: false\n',
    { '@scope/one': '2.0.0', pg: '8.11.0' },
  ],
  [
    'yarn.lock',
    '# yarn lockfile v1\n\n\n"@scope/one@^2.0.0":\n  version "2.0.0"\n  resolved "https://x"\n\npg@^8.0.0, pg@^8.1.0:\n  version "8.11.0"\n  dependencies:\n    split2 "^4.1.0"\n',
    { '@scope/one': '2.0.0', pg: '8.11.0' },
  ],
  [
    'yarn.lock',
    '__metadata:\n  version: 8\n\n"pg@npm:^8.0.0":\n  version: 8.11.0\n  resolution: "pg@npm:8.11.0"\n  dependencies:\n    split2: "npm:^4.1.0"\n',
    { pg: '8.11.0' },
  ],
])('%s tells which versions are installed', (name, text, versions) => {
  expect(readLockFile(name, text)).toMatchObject(versions);
});

test('what is no lock file, or a damaged one, tells nothing', () => {
  expect(readLockFile('package-lock.json', '{"packages":')).toBeNull();
  expect(readLockFile('bun.lockb', 'x')).toBeNull();
});

test('larger steps come first; below 1.0.0 a minor step is a major one', () => {
  const before = { a: '1.0.0', b: '1.0.0', c: '0.3.1', d: '1.0.0', gone: '1.0.0', same: '1.0.0' };
  const now = { a: '1.0.1', b: '1.1.0', c: '0.4.0', d: '2.0.0', same: '1.0.0', fresh: '1.0.0' };
  expect(packageChanges(before, now).map(({ name, step }) => `${name} ${step}`)).toEqual([
    'c major',
    'd major',
    'gone removed',
    'b minor',
    'fresh added',
    'a patch',
  ]);
});

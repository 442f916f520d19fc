import { pnpOnlyForDevelopment, pnpProblem, pnpTable } from '../../../domain/build/pnp';
import { onlyForDevelopment, type Installed, type PackageNeeds } from '../../../domain/build/production';
import { workspacesOf } from '../../../domain/build/workspaces';

/** `a -> b` is a link, `a { … }` a package with what it needs, anything else a file. */
function installed(entries: Readonly<Record<string, string | PackageNeeds>>, roots: string[] = ['']): Installed {
  const paths = new Set<string>();
  const add = (place: string) => {
    for (let at = place; at !== '' && at !== '.'; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) paths.add(at);
  };
  const links = new Map<string, string>();
  const packages = new Map<string, PackageNeeds>();
  for (const [place, what] of Object.entries(entries)) {
    if (typeof what === 'string') {
      add(place);
      if (what !== '') links.set(place, what);
    } else {
      packages.set(place, what);
      add(place === '' ? 'package.json' : `${place}/package.json`);
    }
  }
  return { paths, links, packages, roots };
}

const needs = (...names: string[]): PackageNeeds => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '1'])),
});

const LAYOUTS: [string, Installed, string[]][] = [
  [
    'npm: nested versions, scopes, programs, and its own note of all that was installed',
    installed({
      '': { ...needs('a', '@s/b'), devDependencies: { c: '1', '@t/d': '1' } },
      'node_modules/a': needs('shared'),
      'node_modules/a/node_modules/shared': {},
      'node_modules/shared': {},
      'node_modules/@s/b': {},
      'node_modules/@t/d': {},
      'node_modules/@s/e': {},
      'node_modules/c': needs('shared'),
      'node_modules/.bin/a': '../a/cli.js',
      'node_modules/.bin/c': '../c/cli.js',
      'node_modules/.package-lock.json': '',
    }),
    [
      'node_modules/.bin/c',
      'node_modules/.package-lock.json',
      'node_modules/@s/e',
      'node_modules/@t',
      'node_modules/@t/d',
      'node_modules/c',
      'node_modules/shared',
    ],
  ],
  [
    'pnpm: a store of links, with a workspace that only another workspace needs',
    installed(
      {
        '': { devDependencies: { even: '1' } },
        'packages/api': { ...needs('@w/lib'), devDependencies: { semver: '1' } },
        'packages/lib': needs('odd'),
        'packages/api/node_modules/@w/lib': '../../../lib',
        'packages/api/node_modules/semver': '../../../node_modules/.pnpm/semver@1/node_modules/semver',
        'packages/lib/node_modules/odd': '../../../node_modules/.pnpm/odd@1/node_modules/odd',
        'node_modules/even': '.pnpm/even@1/node_modules/even',
        'node_modules/.pnpm/even@1/node_modules/even': {},
        'node_modules/.pnpm/semver@1/node_modules/semver': {},
        'node_modules/.pnpm/odd@1/node_modules/odd': needs('number'),
        'node_modules/.pnpm/odd@1/node_modules/number': '../../number@2/node_modules/number',
        'node_modules/.pnpm/number@2/node_modules/number': {},
        'node_modules/.pnpm/node_modules/number': '../number@2/node_modules/number',
        'node_modules/.pnpm/node_modules/semver': '../semver@1/node_modules/semver',
      },
      ['', 'packages/api', 'packages/lib'],
    ),
    [
      'node_modules/.pnpm/even@1',
      'node_modules/.pnpm/node_modules/semver',
      'node_modules/.pnpm/semver@1',
      'node_modules/even',
      'packages/api/node_modules/semver',
    ],
  ],
  [
    'what peers, optional and bundled dependencies need stays, and so does what is no package',
    installed({
      '': { ...needs('a', 'b'), devDependencies: { peer: '1', dev: '1' } },
      'node_modules/a': { peerDependencies: { peer: '1', absent: '1' }, optionalDependencies: { maybe: '1' } },
      'node_modules/peer': {},
      'node_modules/maybe': {},
      'node_modules/b': { bundleDependencies: true },
      'node_modules/b/node_modules/inside': {},
      'node_modules/b/lib/node_modules/fixture': {},
      'node_modules/dev': {},
      'node_modules/.prisma/client/index.js': '',
      'node_modules/generated/index.js': '',
    }),
    ['node_modules/dev'],
  ],
  [
    'a circle of links leads nowhere and hurts nobody',
    installed({
      '': { ...needs('a'), devDependencies: { dev: '1' } },
      'node_modules/a': 'b',
      'node_modules/b': 'a',
      'node_modules/out': '/elsewhere',
      'node_modules/dev': needs('dev'),
    }),
    ['node_modules/dev'],
  ],
  [
    'folders that no package manager of the application filled stay whole',
    installed({
      '': { devDependencies: { dev: '1' } },
      client: { devDependencies: { own: '1' } },
      'client/node_modules/own': {},
      'node_modules/dev': {},
    }),
    ['node_modules/dev'],
  ],
];

test.each(LAYOUTS)('Left out is what no production dependency leads to. %s', (_, tree, expected) => {
  expect([...onlyForDevelopment(tree)].sort()).toEqual(expected);
});

describe('Workspaces', () => {
  const folders = ['', 'packages/api', 'packages/api/test/fixture', 'apps/web', 'tools', 'packages/old', 'a/b/c'];
  test.each([
    [['packages/*'], ['', 'packages/api', 'packages/old']],
    [
      ['./packages/*/', '!packages/old'],
      ['', 'packages/api'],
    ],
    [['{apps,packages}/*'], ['', 'apps/web', 'packages/api', 'packages/old']],
    [
      ['**/c', 'tools'],
      ['', 'a/b/c', 'tools'],
    ],
    [['packages/**'], ['', 'packages/api', 'packages/api/test/fixture', 'packages/old']],
    [['packages/{'], ['']],
    [[], ['']],
  ])('are found by %j', (patterns, expected) => {
    expect([...workspacesOf(folders, (folder) => (folder === '' ? patterns : []))].sort()).toEqual(expected);
  });

  test('may hold workspaces of their own', () => {
    const patterns: Record<string, string[]> = { '': ['a'], a: ['b/*'] };
    expect([...workspacesOf(['', 'a', 'a/b/c', 'b/c'], (folder) => patterns[folder] ?? [])]).toEqual([
      '',
      'a',
      'a/b/c',
    ]);
  });

  test('of a pattern made to be slow are all folders', () => {
    expect(workspacesOf(['', `${'a/'.repeat(500)}b`], () => ['**/*/**/*/**/*/**/*'])).toHaveLength(2);
  });
});

describe("Yarn's table of packages", () => {
  const place = (location: string, ...dependencies: [string, string | [string, string] | null][]) => ({
    packageLocation: location,
    packageDependencies: dependencies,
  });
  const zip = (name: string, ...dependencies: [string, string | null][]) =>
    place(`./.yarn/cache/${name}.zip/node_modules/${name}/`, ...dependencies);
  const table = (last = zip('dev')) => ({
    dependencyTreeRoots: [{ name: 'app', reference: 'workspace:.' }],
    packageRegistryData: [
      [null, [[null, place('./', ['a', 'npm:1'])]]],
      ['app', [['workspace:.', place('./', ['a', 'npm:1'], ['dev', 'npm:1'], ['other', ['b', 'npm:1']])]]],
      ['a', [['npm:1', zip('a', ['p', 'virtual:1'], ['dev', null])]]],
      ['p', [['virtual:1', place('./.yarn/__virtual__/p-1/0/cache/p.zip/node_modules/p/')]]],
      ['b', [['npm:1', place('./.yarn/unplugged/b-1/node_modules/b/')]]],
      ['unused', [['npm:1', place('./.yarn/unplugged/unused-1/node_modules/unused/')]]],
      ['dev', [['npm:1', last]]],
    ],
  });
  const text = (value: object) =>
    `const RAW_RUNTIME_STATE =\n'${JSON.stringify(value, null, 1).replaceAll('\n', '\\\n')}';\nfunction`;
  const own = new Map([['', { dependencies: { a: '1', other: '1' }, devDependencies: { dev: '1' } }]]);

  test('is read as yarn writes it, in the program or beside it', () => {
    expect(pnpTable(text(table()))).toEqual(table());
    expect(pnpTable(JSON.stringify(table()))).toEqual(table());
    const quoted = table(zip("it's \\"));
    const escaped = JSON.stringify(quoted).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
    expect(pnpTable(`const RAW_RUNTIME_STATE = '${escaped}'; const other = 'x';`)).toEqual(quoted);
    const third = `return hydrateRuntimeState(JSON.parse('${escaped}'), {basePath: basePath || __dirname});`;
    expect(pnpTable(third)).toEqual(quoted);
    const older = `return hydrateRuntimeState(${JSON.stringify(table())}, {basePath: basePath || __dirname});`;
    expect(pnpTable(older)).toEqual(table());
    expect(pnpTable('module.exports = {}')).toBeNull();
    expect(pnpTable(text({ a: 1 }))).toBeNull();
  });

  test('leads to what production needs, by aliases and virtual places too', () => {
    const read = pnpTable(text(table()));
    expect(read && [...pnpOnlyForDevelopment(read, own)].sort()).toEqual([
      '.yarn/cache/dev.zip',
      '.yarn/unplugged/unused-1',
    ]);
    expect(read && pnpProblem(read)).toBeNull();
  });

  test.each([
    '../../../cache/dev.zip/node_modules/dev/',
    '/cache/dev.zip/node_modules/dev/',
    './.yarn/__virtual__/x/3/dev/',
  ])('that leads out of the application is refused by the name of the package (%s)', (location) => {
    const read = pnpTable(text(table(place(location))));
    expect(read && pnpProblem(read)).toMatch(
      /takes dev from .* which lies out of the application.* Next: let yarn keep/,
    );
  });
});

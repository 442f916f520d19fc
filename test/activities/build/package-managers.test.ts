import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { asFetched } from '../../../activities/build/install';
import { builderAt } from '../../support/builder';
import { failureOf, inActivity } from '../../support/in-activity';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';

const builder = builderAt();
afterAll(removeScratch);
jest.setTimeout(600_000);

const PACKAGE = {
  name: 'shop',
  version: '1.0.0',
  private: true,
  dependencies: { picocolors: '1.1.1' },
  devDependencies: { ms: '2.1.3' },
};
const BUILD = "require('ms');require('picocolors');require('fs').writeFileSync('built.txt','yes');";

function application(
  lock: string[] | null,
  packageJson: object = PACKAGE,
  files: Readonly<Record<string, string>> = {},
): string {
  const folder = scratch();
  writeFiles(folder, { 'package.json': JSON.stringify(packageJson), 'make.js': BUILD, ...files });
  if (lock === null) return folder;
  if (lock === yarnBerry) writeFiles(folder, { 'yarn.lock': '' });
  const env = { ...process.env, YARN_GLOBAL_FOLDER: path.join(scratch(), 'yarn') };
  execFileSync('npm', lock, { cwd: folder, stdio: 'pipe', env });
  for (const made of ['node_modules', '.yarn']) rmSync(path.join(folder, made), { recursive: true, force: true });
  return folder;
}

const printedIn = (folder: string, expression: string, ...options: string[]): string =>
  execFileSync(process.execPath, [...options, '-p', expression], { cwd: folder, encoding: 'utf8' }).trim();
const command = [['node', 'make.js']];

const yarnBerry = ['exec', '--yes', '--package=@yarnpkg/cli-dist@4', '--', 'yarn', 'install', '--mode=update-lockfile'];
const pnpm = ['exec', '--yes', '--package=pnpm@9', '--', 'pnpm', 'install', '--lockfile-only'];

/** As patch-package does after an install. */
const PATCH = `const fs = require('fs'), file = require.resolve('picocolors'), text = fs.readFileSync(file);
fs.rmSync(file);
fs.writeFileSync(file, text + ';module.exports.patched = true;');`;
const PATCHED = { ...PACKAGE, scripts: { postinstall: 'node patch.js' } };

const MANAGERS: [string, string[], Record<string, string>][] = [
  ['npm', ['install', '--package-lock-only', '--ignore-scripts'], {}],
  ['pnpm', pnpm, {}],
  ['yarn 1', ['exec', '--yes', '--package=yarn@1', '--', 'yarn', 'install', '--ignore-scripts'], {}],
  ['yarn 4 with node_modules', yarnBerry, { '.yarnrc.yml': 'nodeLinker: node-modules\n' }],
];

test.each(MANAGERS)(
  '%s installs by its lock file; development dependencies stay out of the artifact, and what the install changed stays',
  async (_, lock, files) => {
    const folder = application(lock, PATCHED, { ...files, 'patch.js': PATCH });
    const artifact = await builder.build(folder, { command, timeoutMs: 540_000 });
    const names = await builder.names(artifact);
    expect(names).toContain('built.txt');
    // For some it is a link into a store.
    expect(names.some((name) => /^node_modules\/picocolors(\/package\.json)?$/.test(name))).toBe(true);
    expect(names.filter((file) => /(^|\/)ms(@|\/|$|-npm)/.test(file))).toEqual([]);
    expect(artifact.warnings).toEqual([]);
    expect(printedIn(await builder.unpack(artifact), "require('picocolors').patched")).toBe('true');
  },
);

test("Yarn's archives are packed with the application, those of production alone", async () => {
  const artifact = await builder.build(application(yarnBerry), { command: [['node', '-r', './.pnp.cjs', 'make.js']] });
  const names = await builder.names(artifact);
  expect(names.filter((name) => name.endsWith('.zip'))).toEqual([
    expect.stringMatching(/^\.yarn\/cache\/picocolors-npm-1\.1\.1-.*\.zip$/),
  ]);
  const out = await builder.unpack(artifact);
  expect(printedIn(out, "typeof require('picocolors').red", '-r', './.pnp.cjs')).toBe('function');
});

test('Archives that yarn keeps out of the application are refused by the name of a package', async () => {
  const settings = { YARN_ENABLE_GLOBAL_CACHE: 'true' };
  const failure = await failureOf(builder.build(application(yarnBerry), { variables: settings }));
  expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
  expect(failure.message).toMatch(
    /^\.pnp\.cjs takes (ms|picocolors) from .* lies out of the application.* Next: let yarn/,
  );
});

describe('Workspaces', () => {
  const root = { name: 'shop', private: true, devDependencies: { ms: '2.1.3' }, workspaces: ['packages/*'] };
  const members = (version: string) => ({
    'packages/api/package.json': JSON.stringify({
      name: '@w/api',
      version: '1.0.0',
      dependencies: { '@w/lib': version },
      devDependencies: { 'is-number': '7.0.0' },
    }),
    'packages/api/server.js': "console.log(require('@w/lib').red !== undefined)",
    'packages/lib/package.json': JSON.stringify({
      name: '@w/lib',
      version: '1.0.0',
      main: 'index.js',
      dependencies: { picocolors: '1.1.1' },
    }),
    'packages/lib/index.js': "module.exports = require('picocolors')",
  });

  test.each<[string, string[], string, Record<string, string>]>([
    ['npm', ['install', '--package-lock-only'], '1.0.0', {}],
    ['pnpm', pnpm, 'workspace:*', { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' }],
    ['yarn 4', yarnBerry, 'workspace:*', { '.yarnrc.yml': 'nodeLinker: node-modules\n' }],
  ])(
    'of %s keep what they need of each other, without what only development needs',
    async (_, lock, version, files) => {
      const folder = application(lock, root, { ...members(version), ...files });
      const artifact = await builder.build(folder);
      const names = await builder.names(artifact);
      expect(names.filter((file) => /(^|\/)(ms|is-number)(@|\/|$)/.test(file))).toEqual([]);
      const out = await builder.unpack(artifact);
      expect(execFileSync(process.execPath, ['packages/api/server.js'], { cwd: out, encoding: 'utf8' })).toBe('true\n');
    },
  );
});

test('An artifact with packages is the same byte for byte in another home', async () => {
  const folder = application(['install', '--package-lock-only']);
  expect((await builderAt().build(folder, { command })).digest).toBe((await builder.build(folder, { command })).digest);
});

test('Without a lock file it is installed and pruned all the same, with a warning', async () => {
  const artifact = await builder.build(application(null), { command });
  expect(artifact.warnings).toEqual([expect.stringContaining('no lock file')]);
  const names = await builder.names(artifact);
  expect(names).toContain('node_modules/picocolors/package.json');
  expect(names).not.toContain('package-lock.json');
  expect(names.filter((file) => file.startsWith('node_modules/ms/'))).toEqual([]);
});

test('Development dependencies are packed where pruning is turned off', async () => {
  const artifact = { kind: 'tar' as const, include: [], prune: false };
  const names = await builder.names(
    await builder.build(application(['install', '--package-lock-only']), { command, artifact }),
  );
  expect(names).toContain('node_modules/ms/package.json');
});

test('An install neither needs HOME nor obeys what the caller of npm set for itself', async () => {
  const folder = application(['install', '--package-lock-only']);
  const before = { ...process.env };
  process.env['HOME'] = '/nonexistent';
  process.env['npm_config_omit'] = 'dev';
  process.env['NODE_ENV'] = 'production';
  process.env['npm_config_userconfig'] ??= path.join(before['HOME'] ?? '/root', '.npmrc');
  try {
    const own = builderAt();
    const artifact = await own.build(folder, { command });
    expect(readFileSync(path.join(await own.unpack(artifact), 'built.txt'), 'utf8')).toBe('yes');
  } finally {
    for (const name of ['HOME', 'npm_config_omit', 'NODE_ENV', 'npm_config_userconfig']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test('A lock file that does not belong to package.json says what npm said', async () => {
  const folder = application(['install', '--package-lock-only']);
  writeFiles(folder, {
    'package.json': JSON.stringify({ ...PACKAGE, dependencies: { picocolors: '1.0.0' } }),
  });
  const failure = await failureOf(builder.build(folder, { command }));
  expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
  expect(failure.message).toMatch(/^`npm ci` exited with code 1/);
  expect(failure.message).toContain('package.json and package-lock.json');
});

test('A package.json that is not JSON is named', async () => {
  const folder = scratch();
  writeFiles(folder, { 'package.json': '{ broken' });
  expect((await failureOf(builder.build(folder))).message).toContain('package.json is not JSON');
});

describe('A development dependency by the path of an archive out of the source', () => {
  function applicationBeside(): { folder: string; archive: string } {
    const tool = scratch();
    writeFiles(tool, { 'package.json': JSON.stringify({ name: 'ms', version: '9.9.9', main: 'x.js' }), 'x.js': '' });
    const folder = scratch();
    writeFiles(folder, { 'package.json': JSON.stringify({ ...PACKAGE, devDependencies: {} }), 'make.js': BUILD });
    const [archive = ''] = execFileSync('npm', ['pack', '--silent', '--pack-destination', path.dirname(folder), tool], {
      cwd: tool,
      encoding: 'utf8',
    }).split('\n');
    const file = path.join(path.dirname(folder), archive);
    execFileSync('npm', ['install', '--package-lock-only', '--save-dev', file], { cwd: folder, stdio: 'pipe' });
    return { folder, archive: file };
  }

  test('is installed by the digest of the lock file, also when the archive is gone since the source was taken', async () => {
    const { folder, archive } = applicationBeside();
    const source = await builder.request(folder, { command });
    rmSync(archive);
    const artifact = await inActivity(() => builder.buildArtifact(source));
    expect(await builder.names(artifact)).toContain('built.txt');
  });

  test('is named, with what to do, when the archive is not there', async () => {
    const { folder, archive } = applicationBeside();
    rmSync(archive);
    // In a home that never saw it.
    const { message } = await failureOf(builderAt().build(folder, { command }));
    expect(message).toContain('package-lock.json takes ms from');
    expect(message).toContain('Next: put the archive into the application');
  });
});

describe('a command of the build that names the package manager', () => {
  const onPath = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = onPath;
  });

  test.each<[string, Record<string, string>, readonly string[], readonly string[]]>([
    [
      'runs as the install did, where it is not on the PATH',
      { 'package.json': '{}', 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" },
      ['pnpm', 'run', 'build'],
      ['npm', 'exec', '--yes', '--package=pnpm@9', '--', 'pnpm', 'run', 'build'],
    ],
    [
      'stays as it is, where the lock file names another one',
      { 'package.json': '{}', 'yarn.lock': '' },
      ['pnpm', 'run', 'build'],
      ['pnpm', 'run', 'build'],
    ],
    ['stays as it is, where it is another program', { 'package.json': '{}' }, ['make'], ['make']],
  ])('%s', async (_title, files, command, runs) => {
    const folder = scratch();
    writeFiles(folder, files);
    process.env['PATH'] = '';
    expect(await asFetched(folder, command)).toEqual(runs);
  });
});

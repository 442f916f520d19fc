/** What broke in other deployment tools, class by class: each is tried on this one, by the tests that are named here. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createSourceActivities } from '../../activities/source';
import { substitute } from '../../domain/command/substitute';
import { htmlReport } from '../../domain/reports/html';
import { markdownReport } from '../../domain/reports/markdown';
import { parseSpec } from '../../domain/spec/parse';
import { homeAt } from '../../system/home';
import { ROLLED_BACK } from '../domain/reports/deployment';
import { inActivity } from '../support/in-activity';
import { gitIn, plainBuild, removeScratch, repositoryWith, scratch } from '../support/scratch';

const ROOT = path.join(__dirname, '../..');

const CLASSES: Readonly<Record<string, readonly string[]>> = {
  'a shell that runs what was meant as text': ['test/security/peers.test.ts', 'test/domain/command/split.test.ts'],
  'options where operands were meant': ['test/security/peers.test.ts', 'test/security/foreign-repository.test.ts'],
  'templates that calculate': ['test/security/peers.test.ts', 'test/security/unseen.test.ts'],
  'what belongs to others': ['test/security/policy.test.ts', 'test/security/secrets-of-others.test.ts'],
  'a stored credential that is sent to a new address': ['test/security/secrets-of-others.test.ts'],
  'approvals that count twice, or for others': ['test/security/signed-approvals.test.ts'],
  'secrets in answers': ['test/security/planted-secret.test.ts'],
  'paths that leave the folder': ['test/security/spec-file.test.ts', 'test/security/hostile-source.test.ts'],
  'archives that write elsewhere': [
    'test/security/hostile-archives.test.ts',
    'test/activities/source/snapshot.test.ts',
  ],
  'addresses that only the server reaches': ['test/security/reached-addresses.test.ts'],
  'an envelope that is believed for its letter': [
    'test/security/messages-of-others.test.ts',
    'test/security/engine-access.test.ts',
    'test/security/policy.test.ts',
  ],
  'parsers that are held up': ['test/security/spec-file.test.ts', 'test/security/hostile-output.test.ts'],
  'what a build brings along': ['test/security/build-sandbox.test.ts', 'test/security/edited-build-note.test.ts'],
};

test.each(Object.entries(CLASSES))('%s: the tests are there', (_class, files) => {
  for (const file of files) {
    expect({ file, is: existsSync(path.join(ROOT, file)) }).toEqual({ file, is: true });
    expect(readFileSync(path.join(ROOT, file), 'utf8')).toMatch(/\b(?:test|describe)\b/);
  }
});

describe('no command of a spec becomes the text of a shell', () => {
  const spec = (command: string): string =>
    `app: shop\nenvironments:\n  staging:\n    platform: { kind: process, start: ${JSON.stringify(command)} }\n    traffic: { kind: router, listen: 127.0.0.1:8081 }\n`;
  test.each([
    'node a.js; id',
    'node a.js && id',
    'node $(id)',
    'node `id`',
    'node a.js | sh',
    'node a.js > /etc/x',
    'node a.js\nid',
  ])('%j is refused, or is one argument list without an operator', (command) => {
    const parsed = parseSpec(spec(command), 'deployment.yaml');
    if (!parsed.ok)
      return expect(parsed.problems.map(({ path: at }) => at)).toContain('environments.staging.platform.start');
    // A line break separates arguments, as a blank does.
    return expect(JSON.stringify(parsed.spec)).toContain('"start":["node","a.js","id"]');
  });

  test.each(['shop;id', '-oProxyCommand=id', '$(id)', '`id`', '../shop', 'shop\u0000', 'a\nb', '--upload-pack=id'])(
    'an application is not called %j',
    (app) => {
      expect(parseSpec(spec('node a.js').replace('app: shop', `app: ${JSON.stringify(app)}`), 'f')).toMatchObject({
        ok: false,
      });
    },
  );
});

describe('what begins with a dash is a name', () => {
  const trap = path.join(os.tmpdir(), `mvca-trap-${process.pid}`);
  const TRAPS = [
    `--output=${trap}`,
    `--upload-pack=touch ${trap}`,
    `--exec=touch ${trap}`,
    '-rf',
    `-oProxyCommand=touch ${trap}`,
  ];
  afterEach(() => expect(existsSync(trap)).toBe(false));
  afterAll(removeScratch);

  /** Where the names of refs are written by hand: git itself makes no such tags. */
  const refFile = (folder: string, ref: string, commit: string): void => {
    const file = path.join(folder, '.git/refs', ref);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${commit}\n`);
  };
  const take = (directory: string, git = true) =>
    inActivity(() =>
      createSourceActivities({ home: homeAt(path.join(scratch(), 'home')) }).snapshotSource({
        directory,
        version: null,
        dirty: false,
        git,
        build: plainBuild,
      }),
    );

  test('tags and branches of a repository, also of one that is packed for the build', async () => {
    const folder = repositoryWith({ 'server.js': 'x' });
    const commit = gitIn(folder, 'rev-parse', 'HEAD');
    for (const name of TRAPS) {
      refFile(folder, path.join('tags', name.replaceAll(' ', '')), commit);
      refFile(folder, path.join('heads', name.replaceAll(' ', '')), commit);
    }
    writeFileSync(path.join(folder, '.git/HEAD'), `ref: refs/heads/${(TRAPS[1] ?? '').replaceAll(' ', '')}\n`);
    const { version } = await take(folder);
    expect(version).toBe(commit.slice(0, version.length));
  });

  test('files, folders, and the folder of the application itself', async () => {
    const files = Object.fromEntries(
      TRAPS.map((name) => [`${name.replaceAll('/', '_')}/${name.replaceAll('/', '_')}`, 'x']),
    );
    const whole = repositoryWith({ ...files, '-rf/server.js': 'x' });
    expect((await take(whole, false)).files).toBe(TRAPS.length + 1);
    expect((await take(path.join(whole, '-rf'), false)).files).toBe(2);
  });

  test.each(TRAPS.map((trick) => [trick]))('a remote that is called %s, of which nothing is asked', async (trick) => {
    const folder = repositoryWith({ 'server.js': 'x' });
    gitIn(folder, 'config', 'remote.origin.url', trick);
    gitIn(folder, 'config', 'remote.origin.uploadpack', `touch ${trap}`);
    await take(folder);
    const { identifySource } = createSourceActivities({ home: homeAt(path.join(scratch(), 'home')) });
    await inActivity(() => identifySource({ directory: folder }));
  });

  test('an application cannot choose what we run: programs are started in these places only, and none by a shell', () => {
    const places = ['system', 'activities', 'client', 'host', 'worker', 'embedded']
      .flatMap((folder) => filesUnder(path.join(ROOT, folder)))
      .filter((file) =>
        /import \{[^}]*\b(?:spawn|spawnSync|exec\w*|fork)\b[^}]*\} from 'node:child_process'/.test(
          readFileSync(file, 'utf8'),
        ),
      )
      .map((file) => path.relative(ROOT, file));
    expect(places.sort()).toEqual(STARTERS);
    for (const place of places)
      expect(readFileSync(path.join(ROOT, place), 'utf8')).not.toMatch(/shell: *true|\bexec(?:Sync)?\(['"`]/);
  });
});

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));

/** Whoever adds one says here that names of others reach it behind `--`, or as absolute paths, or not at all. */
const STARTERS: readonly string[] = [
  'client/cli/commands/worker.ts',
  'client/signing/sign-with.ts',
  'embedded/gate/main.ts',
  'embedded/postgres-binaries.ts',
  'embedded/postgres.ts',
  'embedded/supervisor/launch.ts',
  'embedded/up.ts',
  'host/keeper/keep.ts',
  'host/runner/give-persistent.ts',
  'host/runner/launch.ts',
  'host/runner/stream.ts',
  'system/accounts.ts',
  'system/git.ts',
  'system/keeper.ts',
  'system/run-command.ts',
];

describe('no text of others is a template', () => {
  const TRICKS = [
    '{{7*191}}',
    '${7*191}',
    '<%= 7*191 %>',
    '#{7*191}',
    '{% print 7*191 %}',
    '$HOME',
    '${HOME}',
    '$RELEASE',
  ];

  test('a value that is put into a command is not looked at again', () => {
    for (const trick of TRICKS)
      expect(substitute(['node', '$GREETING'], { GREETING: trick, RELEASE: 'r1', HOME: '/root' })).toEqual({
        kind: 'substituted',
        command: ['node', trick],
      });
  });

  test.each([
    ['HTML', htmlReport],
    ['Markdown', markdownReport],
  ])('a report in %s calculates and expands nothing', (_form, write) => {
    const text = write({ ...ROLLED_BACK, app: 'shop', version: TRICKS.join(' '), reason: TRICKS.join(' ') }, null);
    expect(text).not.toContain('1337');
    expect(text).not.toContain(os.homedir() === '/' ? 'no home' : `${os.homedir()} `);
    expect(text).toContain('7');
  });
});

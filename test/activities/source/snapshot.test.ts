import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { SnapshotRequest } from '../../../activities/contract';
import { createSourceActivities } from '../../../activities/source';
import { unpackArchive } from '../../../activities/unpack';
import type { Snapshot } from '../../../domain/source';
import { contentFile, digestOfFile } from '../../../system/content-store';
import { homeAt, type Home } from '../../../system/home';
import { readTree } from '../../../system/tree';
import { failureOf, inActivity } from '../../support/in-activity';
import {
  commitAll,
  gitIn,
  plainBuild,
  removeScratch,
  repositoryWith,
  scratch,
  writeFiles,
} from '../../support/scratch';

const home = homeAt(path.join(scratch(), 'home'));
afterAll(removeScratch);

const take = (directory: string, options: Partial<SnapshotRequest> = {}, at: Home = home): Promise<Snapshot> =>
  inActivity(() =>
    createSourceActivities({ home: at }).snapshotSource({
      directory,
      version: null,
      dirty: false,
      git: false,
      build: plainBuild,
      ...options,
    }),
  );

async function unpacked(snapshot: Snapshot): Promise<string> {
  const folder = path.join(scratch(), 'out');
  await unpackArchive(contentFile(path.join(home.store, 'snapshots'), snapshot.digest, 'tar'), 'tar', folder);
  return folder;
}

async function namesIn(snapshot: Snapshot): Promise<string[]> {
  return (await readTree(await unpacked(snapshot)))
    .filter((entry) => entry.kind !== 'folder')
    .map((entry) => entry.path);
}

describe('A source in git', () => {
  test('is what HEAD has, kept under its digest', async () => {
    const folder = repositoryWith({ 'package.json': '{}', 'src/a.js': 'a', '.gitignore': 'dist\n' });
    writeFiles(folder, { 'dist/x.js': 'ignored' });
    const snapshot = await take(folder);
    const file = contentFile(path.join(home.store, 'snapshots'), snapshot.digest, 'tar');
    expect(await digestOfFile(file)).toBe(snapshot.digest);
    expect(await namesIn(snapshot)).toEqual(['.gitignore', 'package.json', 'src/a.js']);
    expect(snapshot).toMatchObject({
      commit: gitIn(folder, 'rev-parse', 'HEAD'),
      tag: null,
      dirty: false,
      files: 3,
      warnings: [],
    });
    expect(snapshot.version).toBe(snapshot.commit?.slice(0, 7));
  });

  test('has the same digest in another clone, and another one after a change', async () => {
    const files = { 'a.js': 'a', 'b/c.js': 'c' };
    const [one, two] = [await take(repositoryWith(files)), await take(repositoryWith(files))];
    expect(two).toEqual(one);
    const three = await take(repositoryWith({ ...files, 'a.js': 'A' }));
    expect(three.digest).not.toBe(one.digest);
  });

  test('keeps what attributes would leave out or convert', async () => {
    const folder = repositoryWith({
      '.gitattributes': 'test export-ignore\n*.txt text eol=crlf\n',
      'test/a.js': 'a',
      'b.txt': 'one\ntwo\n',
    });
    gitIn(folder, 'checkout', '-q', '--', '.');
    const out = await unpacked(await take(folder));
    expect(readFileSync(path.join(out, 'test/a.js'), 'utf8')).toBe('a');
    expect(readFileSync(path.join(out, 'b.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  test('can be a folder of a repository', async () => {
    const top = repositoryWith({ 'packages/api/server.js': 's', 'packages/web/index.html': 'w' });
    writeFiles(top, { 'packages/web/new.html': 'a change elsewhere' });
    const snapshot = await take(path.join(top, 'packages/api'));
    expect(await namesIn(snapshot)).toEqual(['server.js']);
  });

  test('with changes is refused with the list and both next steps', async () => {
    const folder = repositoryWith({ 'a.js': 'a', 'b.js': 'b', 'c.js': 'c' });
    writeFiles(folder, { 'a.js': 'changed', 'with blank.js': 'new', 'staged.js': 's' });
    gitIn(folder, 'add', 'staged.js');
    rmSync(path.join(folder, 'b.js'));
    for (let n = 0; n < 30; n += 1) writeFiles(folder, { [`many/${n}.js`]: '' });
    const failure = await failureOf(take(folder));
    expect(failure).toMatchObject({ type: 'DirtySource', final: true });
    expect(failure.message).toContain('34 changes');
    expect(failure.message).toMatch(/modified +a\.js/);
    expect(failure.message).toMatch(/deleted +b\.js/);
    expect(failure.message).toContain('and 14 more');
    expect(failure.message).toContain('git commit');
    expect(failure.message).toContain('--dirty');
  });

  test('with a change of the spec alone is taken for a plan, which says so', async () => {
    const folder = repositoryWith({ 'a.js': 'a' });
    writeFiles(folder, { 'deployment.yaml': 'app: shop\n' });
    const snapshot = await take(folder, { specMayDiffer: true });
    expect(await namesIn(snapshot)).toEqual(['a.js', 'deployment.yaml']);
    expect(snapshot.warnings[0]).toMatch(
      /^deployment\.yaml is not committed: .*git add deployment\.yaml && git commit$/,
    );
    expect(await failureOf(take(folder))).toMatchObject({ type: 'DirtySource' });
    writeFiles(folder, { 'a.js': 'changed' });
    expect(await failureOf(take(folder, { specMayDiffer: true }))).toMatchObject({ type: 'DirtySource' });
  });

  test('with changes is taken as it lies there when asked so, and the version says so', async () => {
    const folder = repositoryWith({ 'a.js': 'a', 'gone.js': 'g', '.gitignore': '*.log\n' });
    gitIn(folder, 'tag', 'v1.2.0');
    writeFiles(folder, {
      'a.js': 'changed',
      'new.js': 'n',
      'x.log': 'ignored',
      'node_modules/d/index.js': 'installed',
    });
    rmSync(path.join(folder, 'gone.js'));
    const snapshot = await take(folder, { dirty: true });
    expect(await namesIn(snapshot)).toEqual(['.gitignore', 'a.js', 'new.js']);
    expect(readFileSync(path.join(await unpacked(snapshot), 'a.js'), 'utf8')).toBe('changed');
    expect(snapshot.dirty).toBe(true);
    expect(snapshot.version).toBe(`v1.2.0+dirty.${snapshot.digest.slice(7, 14)}`);
  });

  test('without changes is not dirty, though dirty were allowed', async () => {
    const folder = repositoryWith({ 'a.js': 'a' });
    expect(await take(folder, { dirty: true })).toEqual(await take(folder));
  });

  test('is named after the highest tag at HEAD that can be a version', async () => {
    const folder = repositoryWith({ 'a.js': 'a' });
    for (const tag of ['1.9.0', '1.10.0', 'release/2']) gitIn(folder, 'tag', tag);
    expect(await take(folder)).toMatchObject({ version: '1.10.0', tag: '1.10.0' });
    expect(await take(folder, { version: '3.0.0-rc.1' })).toMatchObject({ version: '3.0.0-rc.1' });
  });

  test.each(['', '-rf', 'a b', 'a/b', '../x', 'a\nb', 'x'.repeat(65)])('refuses %j as a version', async (version) => {
    const failure = await failureOf(take(repositoryWith({ 'a.js': 'a' }), { version }));
    expect(failure).toMatchObject({ type: 'PlanRefused', final: true });
    expect(failure.message).toContain('--version');
  });

  test('without a commit says what to do', async () => {
    const folder = scratch();
    gitIn(folder, 'init', '-q');
    writeFiles(folder, { 'a.js': 'a' });
    const failure = await failureOf(take(folder));
    expect(failure).toMatchObject({ type: 'NoSource', final: true });
    expect(failure.message).toContain('git add -A && git commit');
    expect((await take(folder, { dirty: true })).version).toMatch(/^[0-9a-f]{12}\+dirty\.[0-9a-f]{7}$/);
  });

  test('keeps links that stay inside, and modes', async () => {
    const folder = repositoryWith({ 'bin/run.sh': '#!/bin/sh\n', 'lib/a.js': 'a' });
    execFileSync('chmod', ['755', path.join(folder, 'bin/run.sh')]);
    symlinkSync('../lib/a.js', path.join(folder, 'bin/a'));
    commitAll(folder);
    const entries = await readTree(await unpacked(await take(folder)));
    expect(entries).toContainEqual({ kind: 'link', path: 'bin/a', target: '../lib/a.js' });
    expect(entries).toContainEqual(expect.objectContaining({ path: 'bin/run.sh', mode: 0o755 }));
    expect(entries).toContainEqual(expect.objectContaining({ path: 'lib/a.js', mode: 0o644 }));
  });

  test.each([
    ['/etc/passwd', 'l'],
    ['../../outside', 'l'],
    ['../..', 'deep/l'],
  ])('refuses a link to %s at %s', async (target, name) => {
    const folder = repositoryWith({ 'a.js': 'a', 'deep/x': 'x' });
    symlinkSync(target, path.join(folder, name));
    commitAll(folder);
    const failure = await failureOf(take(folder));
    expect(failure).toMatchObject({ type: 'UnsafeSource', final: true });
    expect(failure.message).toContain(name);
  });

  test('refuses a link that leaves through another link', async () => {
    const folder = repositoryWith({ 'p/q/x': 'x' });
    symlinkSync('../..', path.join(folder, 'p/q/up'));
    symlinkSync('p/q/up/..', path.join(folder, 'out'));
    commitAll(folder);
    expect((await failureOf(take(folder))).message).toContain('out is refused');
  });

  test('takes names with blanks, quotes, line breaks and leading dashes', async () => {
    const names = [
      '-rf',
      '--upload-pack=x',
      'a b',
      'q"\'`$(x)',
      'line\nbreak',
      'ümläut',
      ':(top)*',
      '*.js',
      'back\\slash',
    ];
    const folder = repositoryWith(Object.fromEntries(names.map((name) => [`d/${name}`, name])));
    const snapshot = await take(path.join(folder, 'd'));
    expect((await namesIn(snapshot)).sort()).toEqual([...names].sort());
    writeFiles(folder, { 'd/-rf': 'changed' });
    const dirty = await take(path.join(folder, 'd'), { dirty: true });
    expect((await namesIn(dirty)).sort()).toEqual([...names].sort());
    const odd = scratch();
    renameSync(folder, path.join(odd, ' -o "x"\n y'));
    expect(await namesIn(await take(path.join(odd, ' -o "x"\n y'), { dirty: true }))).toHaveLength(names.length);
  });

  test('refuses a submodule with what would work', async () => {
    const folder = repositoryWith({ 'a.js': 'a' });
    const inner = repositoryWith({ 'b.js': 'b' });
    gitIn(folder, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'vendor/b');
    commitAll(folder);
    const failure = await failureOf(take(folder));
    expect(failure).toMatchObject({ type: 'NoSource' });
    expect(failure.message).toContain('vendor/b');
    expect(failure.message).toContain('git subtree');
    expect((await failureOf(take(folder, { dirty: true }))).message).toContain('vendor/b');
  });

  test('takes a large file of Git LFS when it is here, and says so when it is not', async () => {
    const pointer =
      'version https://git-lfs.github.com/spec/v1\noid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nsize 5\n';
    const folder = repositoryWith({ '.gitattributes': '*.bin filter=lfs -text\n', 'x.bin': pointer });
    expect((await failureOf(take(folder))).message).toContain('git lfs pull');
    gitIn(folder, 'update-index', '--assume-unchanged', 'x.bin');
    writeFiles(folder, { 'x.bin': 'hello' });
    expect(readFileSync(path.join(await unpacked(await take(folder)), 'x.bin'), 'utf8')).toBe('hello');
  });

  test('of ten thousand files takes seconds', async () => {
    const folder = scratch();
    for (let n = 0; n < 100; n += 1) mkdirSync(path.join(folder, `d${n}`));
    for (let n = 0; n < 10_000; n += 1)
      writeFileSync(path.join(folder, `d${n % 100}/${n}.js`), `module.exports = ${n};\n`);
    gitIn(folder, 'init', '-q');
    commitAll(folder);
    const begun = Date.now();
    const snapshot = await take(folder);
    expect(snapshot.files).toBe(10_000);
    expect(Date.now() - begun).toBeLessThan(30_000);
  });
});

describe('The history of a source', () => {
  const git = true;

  test('is enough for `git describe`, and the same bytes every time', async () => {
    const folder = repositoryWith({ 'a.js': '1' });
    for (const n of [2, 3, 4, 5]) {
      if (n === 3) gitIn(folder, 'tag', '-a', 'v1.0.0', '-m', 'One');
      writeFiles(folder, { 'a.js': String(n) });
      commitAll(folder, `Change ${n}`);
    }
    const snapshot = await take(folder, { git });
    expect((await take(folder, { git })).digest).toBe(snapshot.digest);
    const out = await unpacked(snapshot);
    expect(gitIn(out, 'describe', '--dirty')).toBe(gitIn(folder, 'describe', '--dirty'));
    expect(gitIn(out, 'status', '--porcelain')).toBe('');
    expect(gitIn(out, 'log', '-1', '--format=%s')).toBe('Change 5');
    expect(readdirSync(home.work)).toEqual([]);
  });

  const described = async (folder: string): Promise<void> => {
    const out = await unpacked(await take(folder, { git }));
    for (const how of ['--dirty', '--tags']) expect(gitIn(out, 'describe', how)).toBe(gitIn(folder, 'describe', how));
    expect(gitIn(out, 'status', '--porcelain')).toBe('');
  };
  /** One commit for `git fast-import`, which makes them all at once. */
  const commitOf = (mark: number, [from, merged]: readonly number[] = []): string =>
    [
      `commit refs/heads/main\nmark :${mark}\ncommitter ana <ana@example.com> ${1_767_225_600 + mark} +0000\ndata 1\n${mark}`,
      ...(from === undefined ? [] : [`from :${from}`]),
      ...(merged === undefined ? [] : [`merge :${merged}`]),
      `M 100644 inline ${mark}.js\ndata 1\n${mark}\n`,
    ].join('\n');

  test('leads to the tag also over merges of what was begun before it', async () => {
    const folder = scratch();
    const input = [
      ...[commitOf(1), commitOf(2, [1]), commitOf(3, [2]), commitOf(4, [3])],
      // Begun before what is tagged, and merged after it.
      ...[commitOf(5, [2]), commitOf(6, [4, 5]), commitOf(7, [1]), commitOf(8, [6, 7])],
      'tag v1.0.0\nfrom :3\ntagger ana <ana@example.com> 1767225700 +0000\ndata 3\nOne\n',
      'reset refs/tags/not-annotated\nfrom :4\n',
    ].join('');
    gitIn(folder, 'init', '-q');
    execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, input });
    gitIn(folder, 'reset', '-q', '--hard');
    expect(gitIn(folder, 'describe')).toMatch(/^v1\.0\.0-5-g/);
    await described(folder);
  }, 180_000);

  test('is that of a repository with SHA-256 as well', async () => {
    const folder = scratch();
    gitIn(folder, 'init', '-q', '--object-format=sha256');
    for (const name of ['a.js', 'b.js']) {
      writeFiles(folder, { [name]: name });
      commitAll(folder, name);
      if (name === 'a.js') gitIn(folder, 'tag', '-a', 'v1.0.0', '-m', 'One');
    }
    expect(gitIn(folder, 'rev-parse', 'HEAD')).toMatch(/^[0-9a-f]{64}$/);
    await described(folder);
  }, 180_000);

  test('is refused below the top of a repository and outside of any', async () => {
    const folder = repositoryWith({ 'sub/a.js': '1' });
    expect((await failureOf(take(path.join(folder, 'sub'), { git }))).message).toContain('top of a repository');
    const plain = scratch();
    writeFiles(plain, { 'a.js': 'a' });
    expect((await failureOf(take(plain, { git }))).message).toContain('source.git');
  });
});

describe('A source outside git', () => {
  test('is the folder by its ignore rules, with a warning', async () => {
    const folder = scratch();
    writeFiles(folder, {
      'a.js': 'a',
      '.gitignore': '*.log\n/build\n',
      '.mvcaignore': 'notes\n',
      'x.log': '',
      'build/out.js': '',
      'notes/n.md': '',
      'lib/build/kept.js': '',
      'lib/.gitignore': '!important.log\n',
      'lib/important.log': '',
      'node_modules/d/index.js': '',
      'lib/node_modules/d/index.js': '',
    });
    const snapshot = await take(folder);
    expect(await namesIn(snapshot)).toEqual([
      '.gitignore',
      '.mvcaignore',
      'a.js',
      'lib/.gitignore',
      'lib/build/kept.js',
      'lib/important.log',
    ]);
    expect(snapshot).toMatchObject({ commit: null, tag: null, dirty: false, version: snapshot.digest.slice(7, 19) });
    expect(snapshot.warnings[0]).toContain('not kept in git');
  });

  test('is read also where an outer repository ignores it', async () => {
    const top = repositoryWith({ '.gitignore': 'scratch/\n' });
    writeFiles(top, { 'scratch/app/a.js': 'a' });
    const snapshot = await take(path.join(top, 'scratch/app'));
    expect(await namesIn(snapshot)).toEqual(['a.js']);
    expect(snapshot.warnings[0]).toContain('not kept in git');
  });

  test('leaves our own home out of it', async () => {
    const folder = scratch();
    writeFiles(folder, { 'a.js': 'a' });
    const inside = homeAt(path.join(folder, '.state'));
    await take(folder, {}, inside);
    expect((await take(folder, {}, inside)).files).toBe(1);
  });

  test('with a named pipe or a socket is refused by its name', async () => {
    const folder = scratch();
    writeFiles(folder, { 'a.js': 'a' });
    execFileSync('/usr/bin/mkfifo', [path.join(folder, 'pipe')]);
    expect(await failureOf(take(folder))).toMatchObject({
      type: 'UnsafeSource',
      message: expect.stringContaining('pipe is a named pipe'),
    });
    rmSync(path.join(folder, 'pipe'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path.join(folder, 's'), resolve));
    expect((await failureOf(take(folder))).message).toContain('s is a socket');
    await new Promise((resolve) => server.close(resolve));
  });

  test('that is empty, is a file or is not there says so', async () => {
    const folder = scratch();
    expect((await failureOf(take(folder))).message).toContain('holds no file');
    writeFiles(folder, { 'a.js': 'a' });
    expect((await failureOf(take(path.join(folder, 'a.js')))).message).toContain('is not a folder');
    expect(await failureOf(take(path.join(folder, 'missing')))).toMatchObject({ type: 'NoSource', final: true });
  });

  test('with a name that is not UTF-8 is refused', async () => {
    const folder = scratch();
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'x');
    expect(await failureOf(take(folder))).toMatchObject({
      type: 'UnsafeSource',
      message: expect.stringContaining('UTF-8'),
    });
  });
});

test('The inputs change with the build section, not with the version', async () => {
  const folder = repositoryWith({ 'a.js': 'a' });
  const one = await take(folder, { version: '1' });
  expect((await take(folder, { version: '2' })).inputs).toBe(one.inputs);
  const other = { ...plainBuild, variables: { A: 'b' } };
  expect((await take(folder, { build: other })).inputs).not.toBe(one.inputs);
});

test('Nothing half-written is left in the store', () => {
  expect(readdirSync(path.join(home.store, 'snapshots')).filter((name) => !/^[0-9a-f]{64}\.tar$/.test(name))).toEqual(
    [],
  );
});

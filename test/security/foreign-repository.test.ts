/** A repository names programs in many of its settings. Whoever planted it, looking at it must run none of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import type { SnapshotRequest } from '../../activities/contract';
import { createSourceActivities } from '../../activities/source';
import { homeAt } from '../../system/home';
import { gitIn as hardened } from '../../system/git';
import { failureOf, inActivity } from '../support/in-activity';
import { mvca } from '../support/mvca';
import { commitAll, gitIn, plainBuild, removeScratch, repositoryWith, scratch, writeFiles } from '../support/scratch';

const isRoot = process.getuid?.() === 0;
const home = homeAt(path.join(scratch(), 'home'));
afterAll(removeScratch);

/** What `plan` and `deploy` do with a folder. */
const take = (directory: string, options: Partial<SnapshotRequest> = {}) =>
  inActivity(() =>
    createSourceActivities({ home }).snapshotSource({
      directory,
      version: null,
      dirty: false,
      git: false,
      build: plainBuild,
      ...options,
    }),
  );

interface Trap {
  readonly folder: string;
  readonly program: string;
  sprung: () => boolean;
}

/** A repository, and a program that leaves a trace when anybody runs it. */
function createTrap(): Trap {
  const folder = repositoryWith({ 'a.js': 'a', 'b.bin': 'b', 'package.json': '{}' });
  const place = scratch();
  const [program, trace] = [path.join(place, 'program'), path.join(place, 'trace')];
  writeFiles(place, { program: `#!/bin/sh\ntouch ${trace}\ncat\n` });
  chmodSync(program, 0o755);
  return { folder, program, sprung: () => existsSync(trace) };
}

const set = (folder: string, ...settings: readonly [string, string][]) => {
  for (const [key, value] of settings) gitIn(folder, 'config', '--add', key, value);
};

/** So that git must read the file again, and its filters with it. */
const touch = (folder: string) => utimesSync(path.join(folder, 'a.js'), new Date(), new Date());

const attributes = (folder: string, text: string) =>
  appendFileSync(path.join(folder, '.git/info/attributes'), `${text}\n`, { flag: 'a' });

const PLANTED: readonly [string, (trap: Trap) => void][] = [
  ['core.fsmonitor', ({ folder, program }) => set(folder, ['core.fsmonitor', program])],
  [
    'a clean and a smudge filter',
    ({ folder, program }) => {
      set(folder, ['filter.x.clean', program], ['filter.x.smudge', program], ['filter.x.required', 'true']);
      attributes(folder, '* filter=x');
    },
  ],
  [
    'a filter with a process',
    ({ folder, program }) => {
      set(folder, ['filter.Odd Name.process', program]);
      attributes(folder, '*.js filter="Odd\\ Name"\n*.js filter=x');
      set(folder, ['filter.x.process', program]);
    },
  ],
  [
    'a filter in an included file',
    ({ folder, program }) => {
      writeFiles(folder, { '.git/more': `[filter "x"]\n\tclean = ${program}\n` });
      set(folder, ['include.path', 'more']);
      attributes(folder, '* filter=x');
    },
  ],
  [
    'a filter in the settings of the working tree',
    ({ folder, program }) => {
      set(folder, ['extensions.worktreeConfig', 'true']);
      writeFiles(folder, { '.git/config.worktree': `[filter "x"]\n\tclean = ${program}\n` });
      attributes(folder, '* filter=x');
    },
  ],
  [
    'a filter of Git LFS with an extension',
    ({ folder, program }) => {
      set(folder, ['filter.lfs.clean', program], ['lfs.extension.x.clean', program]);
      attributes(folder, '* filter=lfs');
    },
  ],
  [
    'hooks',
    ({ folder, program }) => {
      for (const name of ['post-index-change', 'pre-commit', 'reference-transaction', 'post-checkout']) {
        writeFiles(folder, { [`.git/hooks/${name}`]: `#!/bin/sh\n${program}\n` });
        chmodSync(path.join(folder, '.git/hooks', name), 0o755);
      }
      set(folder, ['core.hooksPath', path.join(folder, '.git/hooks')]);
    },
  ],
  [
    'an external diff and a textconv',
    ({ folder, program }) => {
      set(folder, ['diff.external', program], ['diff.x.textconv', program], ['diff.x.command', program]);
      attributes(folder, '* diff=x');
    },
  ],
  [
    'pager, editor, askPass, gpg and aliases',
    ({ folder, program }) => {
      for (const key of ['core.pager', 'pager.status', 'pager.config', 'core.editor', 'core.askPass', 'gpg.program'])
        set(folder, [key, program]);
      for (const name of ['status', 'rev-parse', 'ls-files', 'config'])
        set(folder, [`alias.${name}`, `!${program}`], ['credential.helper', `!${program}`]);
    },
  ],
  [
    'a remote from which what is missing would be fetched',
    ({ folder, program }) => {
      lackAFile(folder);
      set(
        folder,
        ['remote.origin.url', scratch()],
        ['remote.origin.uploadpack', program],
        ['protocol.allow', 'always'],
        ['protocol.file.allow', 'always'],
      );
    },
  ],
  [
    'a remote by a protocol that is a program',
    ({ folder, program }) => {
      lackAFile(folder);
      set(
        folder,
        ['remote.origin.url', `ssh://example.com/x`],
        [`url.ext::${program} .insteadOf`, 'ssh://example.com/'],
        ['core.sshCommand', program],
        ['protocol.ext.allow', 'always'],
      );
    },
  ],
  [
    'a submodule with settings of its own',
    ({ folder, program }) => {
      const inner = repositoryWith({ 'c.js': 'c' });
      gitIn(folder, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'sub');
      commitAll(folder);
      const settings = path.join(folder, 'sub');
      set(settings, ['core.fsmonitor', program], ['filter.x.clean', program]);
      appendFileSync(path.join(folder, '.git/modules/sub/info/attributes'), '* filter=x\n');
      utimesSync(path.join(folder, 'sub/c.js'), new Date(), new Date());
    },
  ],
];

describe('A repository of one’s own', () => {
  test.each(PLANTED)('with %s runs no program of it', async (_name, plant) => {
    const trap = createTrap();
    plant(trap);
    touch(trap.folder);
    // Whether it is taken or refused is another matter.
    for (const options of [{}, { dirty: true }, { git: true }]) await take(trap.folder, options).catch(() => undefined);
    expect(trap.sprung()).toBe(false);
  });

  test('has traps that spring: with plain git they do', () => {
    for (const [name, plant] of PLANTED.slice(0, 6)) {
      const trap = createTrap();
      plant(trap);
      touch(trap.folder);
      spawnSync('git', ['status'], { cwd: trap.folder, env: { PATH: process.env['PATH'] ?? '', HOME: scratch() } });
      expect([name, trap.sprung()]).toEqual([name, true]);
    }
  });

  test('runs no program of it for `mvca init` either', async () => {
    const trap = createTrap();
    for (const [, plant] of PLANTED.slice(0, 3)) plant(trap);
    touch(trap.folder);
    const ran = await mvca(['init'], { cwd: trap.folder, env: { MVCA_HOME: home.root } });
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('git add deployment.yaml')]);
    expect(trap.sprung()).toBe(false);
  });

  test('is refused when its settings name another folder as the working tree', async () => {
    const folder = repositoryWith({ 'app/a.js': 'a' });
    set(folder, ['core.worktree', path.dirname(folder)]);
    expect((await failureOf(take(path.join(folder, 'app')))).message).toContain('core.worktree');
  });

  test('is no repository where a folder of the source only looks like one', async () => {
    const { folder, program, sprung } = createTrap();
    const bare = path.join(folder, 'bare');
    gitIn(folder, 'clone', '-q', '--bare', folder, bare);
    set(bare, ['core.fsmonitor', program], ['core.bare', 'false'], ['core.worktree', bare]);
    await take(bare).catch(() => undefined);
    expect(sprung()).toBe(false);
  });
});

test('A repository that lacks an object is refused at once, and does not end the worker', async () => {
  const folder = repositoryWith({ 'a.js': 'a' });
  const id = gitIn(folder, 'rev-parse', 'HEAD:a.js');
  rmSync(path.join(folder, '.git/objects', id.slice(0, 2), id.slice(2)), { force: true });
  const { type, message } = await failureOf(take(folder));
  expect([type, message]).toEqual(['NoSource', expect.stringContaining('git fsck')]);
});

describe('A person’s own settings count', () => {
  const withPersonal = async (settings: string, work: () => Promise<void>): Promise<void> => {
    const [before, folder] = [process.env['HOME'], scratch()];
    writeFiles(folder, { '.gitconfig': settings });
    process.env['HOME'] = folder;
    try {
      await work();
    } finally {
      process.env['HOME'] = before;
    }
  };

  test('line ends as they want them are no change', async () => {
    const folder = repositoryWith({ 'b.js': 'b' });
    writeFiles(folder, { 'a.js': 'one\r\n' });
    gitIn(folder, '-c', 'core.autocrlf=true', 'add', 'a.js');
    gitIn(folder, 'commit', '-q', '-m', 'Line ends');
    touch(folder);
    expect(await failureOf(take(folder))).toMatchObject({ type: 'DirtySource' });
    await withPersonal('[core]\n\tautocrlf = true\n', async () => expect((await take(folder)).dirty).toBe(false));
  });

  test('a filter of theirs is used, also where the repository has another one of that name', async () => {
    const { folder, program, sprung } = createTrap();
    attributes(folder, '*.js filter=x');
    set(folder, ['filter.x.clean', program]);
    writeFiles(folder, { 'a.js': 'A' });
    await withPersonal('[filter "x"]\n\tclean = tr A-Z a-z\n', async () =>
      expect((await take(folder)).dirty).toBe(false),
    );
    expect(sprung()).toBe(false);
  });

  test('a file kept by Git LFS is no change where it is the one that git names, without running Git LFS', async () => {
    const pointer =
      'version https://git-lfs.github.com/spec/v1\noid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nsize 5\n';
    const folder = repositoryWith({ '.gitattributes': '*.bin filter=lfs -text\n', 'x.bin': pointer });
    writeFiles(folder, { 'x.bin': 'hello' });
    await withPersonal('[filter "lfs"]\n\tclean = false\n\trequired = true\n', async () =>
      expect((await take(folder)).dirty).toBe(false),
    );
    writeFiles(folder, { 'x.bin': 'other' });
    expect((await failureOf(take(folder))).message).toMatch(/modified +x\.bin/);
  });
});

const asRoot = isRoot ? describe : describe.skip;

asRoot('A `.git` of another account above the folder', () => {
  const NOBODY = 65_534;

  /** As `nobody` would leave it in a folder that everybody may write to. */
  function plantAbove(): Trap & { readonly app: string } {
    const trap = createTrap();
    for (const [, plant] of PLANTED.slice(0, 3)) plant(trap);
    execFileSync('chown', ['-R', `${NOBODY}`, path.join(trap.folder, '.git')]);
    chownSync(trap.folder, NOBODY, NOBODY);
    const app = path.join(trap.folder, 'app');
    mkdirSync(app);
    writeFiles(app, { 'package.json': '{}', 'server.js': '' });
    chownSync(app, 0, 0);
    return { ...trap, app };
  }

  test('is not read by `plan` and `deploy`, which say whose it is and what to do', async () => {
    const { app, folder, sprung } = plantAbove();
    const { type, message } = await failureOf(take(app));
    expect(type).toBe('NoSource');
    expect(message).toContain(`${folder}, which belongs to another account`);
    expect(message).toContain('git config --global --add safe.directory');
    expect(sprung()).toBe(false);
  });

  test('is not read by `mvca init`', async () => {
    const { app, sprung } = plantAbove();
    const ran = await mvca(['init'], { cwd: app, env: { MVCA_HOME: home.root, HOME: scratch() } });
    expect(ran.code).toBe(0);
    expect(readdirSync(app)).toContain('deployment.yaml');
    expect(readFileSync(path.join(app, 'deployment.yaml'), 'utf8')).toContain('app:');
    expect(sprung()).toBe(false);
  });

  test('is read where root was called by its owner through sudo, as git has it', async () => {
    const { app, sprung } = plantAbove();
    process.env['SUDO_UID'] = String(NOBODY);
    try {
      await (await hardened(app)).text(['rev-parse', '--show-toplevel']);
    } finally {
      delete process.env['SUDO_UID'];
    }
    expect(sprung()).toBe(false);
  });
});

/** A partial clone without the content of a file: git would fetch it from `origin`. */
function lackAFile(folder: string): void {
  const id = gitIn(folder, 'rev-parse', 'HEAD:a.js');
  rmSync(path.join(folder, '.git/objects', id.slice(0, 2), id.slice(2)), { force: true });
  set(
    folder,
    ['core.repositoryFormatVersion', '1'],
    ['extensions.partialClone', 'origin'],
    ['remote.origin.promisor', 'true'],
  );
}

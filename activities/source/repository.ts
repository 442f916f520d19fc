/** What git knows of a folder. */
import { access, realpath } from 'node:fs/promises';
import path from 'node:path';
import { VERSION } from '../../domain/source/version';
import { quotable } from '../../domain/command/quotable';
import { gitIn, type Git } from '../../system/git';
import { fail, wordsOf } from '../failure';
import { gitAbove } from './objects';

export interface Repository {
  readonly git: Git;
  readonly top: string;
  /** The folder within the repository, without a slash at its end; empty: the top. */
  readonly prefix: string;
  /** null: nothing was committed yet, or nothing of this folder. */
  readonly commit: string | null;
  /** Tags at HEAD, the highest version first. */
  readonly tags: readonly string[];
  /** Whether HEAD has anything of the folder. */
  readonly hasFolder: boolean;
}

/** null: the folder belongs to no repository, or to one that ignores it. @throws `NoSource` when git cannot read it. */
export async function openRepository(directory: string): Promise<Repository | null> {
  if ((await gitAbove(directory)) === null) return null;
  try {
    return await read(await realpath(directory));
  } catch (cause) {
    const owner = foreignFolder(wordsOf(cause));
    if (owner !== null) throw fail('NoSource', foreignMessage(directory, owner), { cause });
    const next = 'repair the repository (git fsck), or copy the folder without its .git to deploy what lies there';
    throw fail('NoSource', `git cannot read the source in ${directory}: ${wordsOf(cause)}. Next: ${next}`, { cause });
  }
}

async function read(directory: string): Promise<Repository | null> {
  const found = await gitIn(directory);
  const top = await found.text(['rev-parse', '--show-toplevel']);
  await refuseOtherTree(top);
  const prefix = (await found.text(['rev-parse', '--show-prefix'])).replace(/\/$/, '');
  const git = await gitIn(top);
  const commit = await git.text(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).catch(() => null); // no commit yet
  const hasFolder =
    commit !== null &&
    (await git.run(['cat-file', '-e', `${commit}:${prefix}`]).then(
      () => true,
      () => false,
    ));
  if (!hasFolder && prefix !== '' && (await workingFiles({ git, prefix })).length === 0) return null;
  const tags = commit === null ? '' : await git.text(['tag', '--points-at', commit, '--sort=-version:refname']);
  return { git, top, prefix, commit, tags: tags.split('\n').filter(Boolean), hasFolder };
}

/** `core.worktree` makes git look at any other folder of the machine. */
async function refuseOtherTree(top: string): Promise<void> {
  await access(path.join(top, '.git')).catch((cause: unknown) => {
    throw new Error(`its setting core.worktree leads to ${top}, which holds no .git`, { cause });
  });
}

/** The folder that git will not read because it is another account's; null: it complains of something else. */
function foreignFolder(words: string): string | null {
  return /(?:dubious ownership in repository at|unsafe repository \()\s*'([^']+)'/.exec(words)?.[1] ?? null;
}

function foreignMessage(directory: string, owner: string): string {
  const what = `the source in ${directory} is in the git repository ${owner}, which belongs to another account`;
  const why = 'the settings of a repository can name programs, so that git reads only your own';
  // Its name is its owner's choice.
  const typed = quotable('path', owner) ?? 'and its path';
  const next = `deploy as its owner, or, if you trust it: git config --global --add safe.directory ${typed}`;
  const above = 'Is it not meant at all: git init && git add -A && git commit in the folder of the application';
  return `${what}: ${why}. Next: ${next}. ${above}`;
}

export interface Change {
  readonly what: 'modified' | 'staged' | 'deleted' | 'untracked' | 'in conflict';
  /** Relative to the folder. */
  readonly path: string;
}

/** Not within submodules: their settings are their own, and their files are refused anyway. */
const STATUS = [
  'status',
  '--porcelain=v1',
  '-z',
  '--untracked-files=all',
  '--no-renames',
  '--ignore-submodules=dirty',
] as const;

/** What the folder has and HEAD has not, or the other way round. Untracked `node_modules` are never source. */
export async function changesOf(repository: Repository): Promise<readonly Change[]> {
  const { git, prefix } = repository;
  const rows = await git.list([...STATUS, '--', prefix || '.']);
  return rows
    .map((row) => ({ what: wordFor(row.slice(0, 2)), path: inFolder(repository, row.slice(3)) }))
    .filter(({ what, path }) => what !== 'untracked' || !isInstalled(path));
}

/** Paths that git tracks in the folder, or would: untracked ones that no rule ignores. */
export async function workingFiles(repository: Pick<Repository, 'git' | 'prefix'>): Promise<readonly string[]> {
  const { git, prefix } = repository;
  const list = (kind: string[]) => git.list(['ls-files', '-z', ...kind, '--', prefix || '.']);
  const tracked = await list(['--cached']);
  const untracked = await list(['--others', '--exclude-standard']);
  const inside = (paths: string[]) => paths.map((path) => inFolder(repository, path));
  return [...new Set([...inside(tracked), ...inside(untracked).filter((path) => !isInstalled(path))])];
}

export interface TreeRow {
  /** `100644`, `100755`, `120000` (link) or `160000` (another repository). */
  readonly mode: string;
  readonly id: string;
  readonly size: number;
  readonly path: string;
}

/** What HEAD has in the folder. */
export async function headRows({ git, prefix, commit }: Repository): Promise<readonly TreeRow[]> {
  const rows = await git.list(['ls-tree', '-r', '-l', '-z', '--full-tree', `${commit ?? 'HEAD'}:${prefix}`]);
  return rows.map((row) => {
    const tab = row.indexOf('\t');
    const [mode = '', , id = '', size = ''] = row.slice(0, tab).split(/ +/);
    return { mode, id, size: size === '-' ? 0 : Number(size), path: row.slice(tab + 1) };
  });
}

/** The last commit that changed anything of the folder but the file `apart`, and the highest tag at it; null: nobody can tell. */
export async function lastChange(
  { git, prefix, commit }: Repository,
  apart: string,
): Promise<{ readonly commit: string; readonly tag: string | null } | null> {
  if (commit === null) return null;
  const place = prefix === '' ? apart : `${prefix}/${apart}`;
  const within = [`:(top,literal)${prefix}`, `:(top,literal,exclude)${place}`];
  const found = await git
    .text(['--no-literal-pathspecs', 'rev-list', '--max-count=1', commit, '--', ...within])
    .catch(() => ''); // such as a clone that lacks what is older
  if (found === '') return null;
  const tags = await git.text(['tag', '--points-at', found, '--sort=-version:refname']);
  return { commit: found, tag: tags.split('\n').find((tag) => VERSION.test(tag)) ?? null };
}

const inFolder = ({ prefix }: Pick<Repository, 'prefix'>, path: string): string =>
  prefix === '' || !path.startsWith(`${prefix}/`) ? path : path.slice(prefix.length + 1);

const isInstalled = (path: string): boolean => path.split('/').includes('node_modules');

function wordFor(code: string): Change['what'] {
  if (code === '??') return 'untracked';
  if (code.includes('U') || code === 'AA' || code === 'DD') return 'in conflict';
  if (code.includes('D')) return 'deleted';
  return code.startsWith(' ') ? 'modified' : 'staged';
}

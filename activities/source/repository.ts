/** What git knows of a folder. */
import { realpath } from 'node:fs/promises';
import { fail, wordsOf } from '../failure';
import { git, gitAbove, gitList, gitText, personalIgnores } from './git';

export interface Repository {
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
    const next = 'repair the repository (git fsck), or copy the folder without its .git to deploy what lies there';
    throw fail('NoSource', `git cannot read the source in ${directory}: ${wordsOf(cause)}. Next: ${next}`, { cause });
  }
}

async function read(directory: string): Promise<Repository | null> {
  const top = await gitText(directory, ['rev-parse', '--show-toplevel']);
  const prefix = (await gitText(directory, ['rev-parse', '--show-prefix'])).replace(/\/$/, '');
  const commit = await gitText(top, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).catch(() => null); // no commit yet
  const hasFolder =
    commit !== null &&
    (await git(top, ['cat-file', '-e', `${commit}:${prefix}`]).then(
      () => true,
      () => false,
    ));
  if (!hasFolder && prefix !== '' && (await workingFiles({ top, prefix })).length === 0) return null;
  const tags = commit === null ? '' : await gitText(top, ['tag', '--points-at', commit, '--sort=-version:refname']);
  return { top, prefix, commit, tags: tags.split('\n').filter(Boolean), hasFolder };
}

export interface Change {
  readonly what: 'modified' | 'staged' | 'deleted' | 'untracked' | 'in conflict';
  /** Relative to the folder. */
  readonly path: string;
}

/** What the folder has and HEAD has not, or the other way round. Untracked `node_modules` are never source. */
export async function changesOf(repository: Repository): Promise<readonly Change[]> {
  const { top, prefix } = repository;
  const args = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--', prefix || '.'];
  const rows = await gitList(top, args, await personalIgnores(top));
  return rows
    .map((row) => ({ what: wordFor(row.slice(0, 2)), path: inFolder(repository, row.slice(3)) }))
    .filter(({ what, path }) => what !== 'untracked' || !isInstalled(path));
}

/** Paths that git tracks in the folder, or would: untracked ones that no rule ignores. */
export async function workingFiles(repository: Pick<Repository, 'top' | 'prefix'>): Promise<readonly string[]> {
  const { top, prefix } = repository;
  const list = (kind: string[], settings: readonly string[] = []) =>
    gitList(top, ['ls-files', '-z', ...kind, '--', prefix || '.'], settings);
  const tracked = await list(['--cached']);
  const untracked = await list(['--others', '--exclude-standard'], await personalIgnores(top));
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
export async function headRows({ top, prefix, commit }: Repository): Promise<readonly TreeRow[]> {
  const rows = await gitList(top, ['ls-tree', '-r', '-l', '-z', '--full-tree', `${commit ?? 'HEAD'}:${prefix}`]);
  return rows.map((row) => {
    const tab = row.indexOf('\t');
    const [mode = '', , id = '', size = ''] = row.slice(0, tab).split(/ +/);
    return { mode, id, size: size === '-' ? 0 : Number(size), path: row.slice(tab + 1) };
  });
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

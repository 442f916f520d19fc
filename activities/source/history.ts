/**
 * A small `.git` for builds that read it: HEAD with its files, the commits back to the nearest tags, and the tags on them. That is
 * enough for `git describe`, `git log -1` and `git status`, and the same bytes for the same commit: objects are packed in a fixed
 * order, by one thread, without deltas.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GitError, gitIn, type Git } from '../../system/git';
import { readTree } from '../../system/tree';
import { fail } from '../failure';
import { fileEntry, type PackEntry } from '../pack';
import type { Repository } from './repository';

const MOST_COMMITS = 10_000;
const COMMITS_WITHOUT_TAG = 50;

export interface History {
  readonly entries: readonly PackEntry[];
  close(): Promise<void>;
}

/** @throws `NoSource` for a folder below the repository's top: a `.git` there would tell of other paths. */
export async function historyOf(repository: Repository, workFolder: string): Promise<History> {
  const { git, prefix, commit } = repository;
  if (prefix !== '' || commit === null) {
    const why = prefix === '' ? 'the repository has no commit' : `the source is its folder ${prefix}`;
    throw fail(
      'NoSource',
      `\`source.git\` needs the top of a repository with a commit, and ${why}. Next: set it to false`,
    );
  }
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(path.join(workFolder, 'git-'));
  const close = () => rm(scratch, { recursive: true, force: true });
  try {
    await writeRepository(git, commit, scratch);
    const files = await readTree(scratch);
    const entries = files.flatMap((entry) =>
      entry.kind === 'file'
        ? [renamed(fileEntry(scratch, { ...entry, mode: 0o644 }))]
        : entry.kind === 'folder'
          ? [renamed(entry)]
          : [],
    );
    return { entries, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const renamed = (entry: PackEntry): PackEntry => ({ ...entry, path: `.git/${entry.path}` });

const PACK = ['pack-objects', '--stdout', '-q', '--window=0', '--no-reuse-object', '--threads=1'] as const;

async function writeRepository(git: Git, commit: string, scratch: string): Promise<void> {
  const commits = await recentCommits(git, commit);
  const tags = (await tagsOf(git)).filter((tag) => commits.has(tag.commit));
  const trees = (await git.text(['ls-tree', '-r', '-t', '--full-tree', '--format=%(objecttype) %(objectname)', commit]))
    .split('\n')
    .filter((row) => row !== '' && !row.startsWith('commit '))
    .map((row) => row.split(' ')[1] ?? '');
  const root = await git.text(['rev-parse', `${commit}^{tree}`]);
  const objects = [...new Set([...commits.keys(), ...tags.map((tag) => tag.object), root, ...trees])].sort();
  const pack = await git.run(PACK, `${objects.join('\n')}\n`);
  const shallow = [...commits]
    .filter(([, parents]) => parents.some((parent) => !commits.has(parent)))
    .map(([id]) => id);
  const packFolder = path.join(scratch, 'objects/pack');
  await mkdir(packFolder, { recursive: true });
  await mkdir(path.join(scratch, 'refs/heads'), { recursive: true });
  const packFile = path.join(packFolder, `pack-${pack.subarray(-commit.length / 2).toString('hex')}.pack`);
  const refs = tags.map((tag) => `${tag.object} ${tag.name}\n${tag.object === tag.commit ? '' : `^${tag.commit}\n`}`);
  await Promise.all([
    writeFile(packFile, pack),
    writeFile(path.join(scratch, 'HEAD'), `${commit}\n`),
    writeFile(path.join(scratch, 'config'), configOf(commit)),
    writeFile(path.join(scratch, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${refs.join('')}`),
    ...(shallow.length === 0 ? [] : [writeFile(path.join(scratch, 'shallow'), `${shallow.sort().join('\n')}\n`)]),
  ]);
  const made = await gitIn(scratch);
  await made.run([`--git-dir=${scratch}`, 'index-pack', packFile]);
  await made.run([`--git-dir=${scratch}`, 'read-tree', commit]);
}

const SHA256_DIGITS = 64;

/** A repository with digests of another kind says so (gitrepository-layout(5), `extensions.objectFormat`). */
function configOf(commit: string): string {
  const isSha256 = commit.length === SHA256_DIGITS;
  const core = `[core]\n\trepositoryformatversion = ${isSha256 ? 1 : 0}\n\tfilemode = true\n\tbare = false\n`;
  return isSha256 ? `${core}[extensions]\n\tobjectformat = sha256\n` : core;
}

/** The id of each commit, with the ids of its parents. */
type Commits = ReadonlyMap<string, readonly string[]>;

/**
 * Commits from HEAD back to the nearest tags, and as far beyond as merges need it: git cuts a commit from all of its parents or from
 * none, so that one with a parent within and another without would be cut from the tag.
 */
async function recentCommits(git: Git, commit: string): Promise<Commits> {
  let ends = await nearestTagged(git, commit);
  if (ends.length === 0) return commitsIn(git, [`--max-count=${COMMITS_WITHOUT_TAG}`, commit]);
  for (;;) {
    const end = await git.text(['merge-base', '--octopus', ...ends]).catch(nothingWhen(NOTHING_IN_COMMON));
    const commits = await commitsIn(git, [
      `--max-count=${MOST_COMMITS}`,
      commit,
      ...(end === null ? [] : ['--not', `${end}^@`]),
    ]);
    const beyond = beyondMerges(commits);
    if (end === null || beyond.length === 0 || commits.size === MOST_COMMITS) return commits;
    ends = [end, ...beyond];
  }
}

/** What `git describe` finds, and what it finds with `--tags`. */
async function nearestTagged(git: Git, commit: string): Promise<readonly string[]> {
  const nearest = async (kind: readonly string[]): Promise<string | null> => {
    const tag = await git.text(['describe', ...kind, '--abbrev=0', commit]).catch(nothingWhen(NO_TAG_BEFORE));
    return tag === null ? null : git.text(['rev-parse', `refs/tags/${tag}^{commit}`]);
  };
  const found = await Promise.all([nearest([]), nearest(['--tags'])]);
  return [...new Set(found.filter((id) => id !== null))];
}

/** Exit codes of `git merge-base`, and of `git describe`. */
const NOTHING_IN_COMMON = 1;
const NO_TAG_BEFORE = 128;

/** For `catch`: null where git ended with that code; any other error stays one. */
const nothingWhen =
  (code: number) =>
  (error: unknown): null => {
    if (error instanceof GitError && error.code === code) return null;
    throw error;
  };

async function commitsIn(git: Git, range: readonly string[]): Promise<Commits> {
  const rows = (await git.text(['rev-list', '--parents', ...range])).split('\n').filter(Boolean);
  return new Map(
    rows.map((row) => {
      const [id = '', ...parents] = row.split(' ');
      return [id, parents];
    }),
  );
}

/** Parents that are left out of commits of which another one is not. */
const beyondMerges = (commits: Commits): readonly string[] =>
  [...commits.values()]
    .filter((parents) => parents.some((parent) => commits.has(parent)))
    .flatMap((parents) => parents.filter((parent) => !commits.has(parent)));

async function tagsOf(git: Git): Promise<{ object: string; commit: string; name: string }[]> {
  const format = '--format=%(objectname) %(*objectname) %(refname)';
  const rows = (await git.text(['for-each-ref', '--sort=refname', format, 'refs/tags'])).split('\n').filter(Boolean);
  return rows.map((row) => {
    const [object = '', peeled = '', name = ''] = row.split(' ');
    return { object, commit: peeled || object, name };
  });
}

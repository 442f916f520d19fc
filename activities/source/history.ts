/**
 * A small `.git` for builds that read it: HEAD with its files, the commits back to the nearest tag, and the tags on them. That is
 * enough for `git describe`, `git log -1` and `git status`, and the same bytes for the same commit: objects are packed in a fixed
 * order, by one thread, without deltas.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gitIn, type Git } from '../../system/git';
import { readTree } from '../../system/tree';
import { fail } from '../failure';
import { fileEntry, type PackEntry } from '../pack';
import type { Repository } from './repository';

const MOST_COMMITS = 1_000;
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
  const packFile = path.join(packFolder, `pack-${pack.subarray(-20).toString('hex')}.pack`);
  const refs = tags.map((tag) => `${tag.object} ${tag.name}\n${tag.object === tag.commit ? '' : `^${tag.commit}\n`}`);
  await Promise.all([
    writeFile(packFile, pack),
    writeFile(path.join(scratch, 'HEAD'), `${commit}\n`),
    writeFile(
      path.join(scratch, 'config'),
      '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n',
    ),
    writeFile(path.join(scratch, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${refs.join('')}`),
    ...(shallow.length === 0 ? [] : [writeFile(path.join(scratch, 'shallow'), `${shallow.sort().join('\n')}\n`)]),
  ]);
  const made = await gitIn(scratch);
  await made.run([`--git-dir=${scratch}`, 'index-pack', packFile]);
  await made.run([`--git-dir=${scratch}`, 'read-tree', commit]);
}

/** Commits from HEAD back to the nearest tag, each with its parents. */
async function recentCommits(git: Git, commit: string): Promise<Map<string, readonly string[]>> {
  const nearest = await git.text(['describe', '--tags', '--abbrev=0', commit]).catch(() => null); // no tag before it
  const range =
    nearest === null
      ? [`--max-count=${COMMITS_WITHOUT_TAG}`, commit]
      : [`--max-count=${MOST_COMMITS}`, commit, '--not', `refs/tags/${nearest}^@`];
  const rows = (await git.text(['rev-list', '--parents', ...range])).split('\n').filter(Boolean);
  return new Map(
    rows.map((row) => [row.slice(0, row.indexOf(' ') === -1 ? undefined : row.indexOf(' ')), row.split(' ').slice(1)]),
  );
}

async function tagsOf(git: Git): Promise<{ object: string; commit: string; name: string }[]> {
  const format = '--format=%(objectname) %(*objectname) %(refname)';
  const rows = (await git.text(['for-each-ref', '--sort=refname', format, 'refs/tags'])).split('\n').filter(Boolean);
  return rows.map((row) => {
    const [object = '', peeled = '', name = ''] = row.split(' ');
    return { object, commit: peeled || object, name };
  });
}

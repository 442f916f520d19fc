/** The source is what git has at HEAD, to the byte: neither `export-ignore` nor conversions of line ends change it. */
import path from 'node:path';
import { shown } from '../../domain/source/paths';
import { digestOfFile } from '../../system/content-store';
import { byPath, look } from '../../system/tree';
import { fail } from '../failure';
import { fileEntry, type PackEntry } from '../pack';
import { entriesOf, type Leaves } from './from-folder';
import { openObjects, type ObjectReader } from './objects';
import {
  changesOf,
  headRows,
  lastChange,
  workingFiles,
  type Change,
  type Repository,
  type TreeRow,
} from './repository';
import type { Source } from './source';

const SHOWN_CHANGES = 20;

export interface GitSourceRequest {
  readonly directory: string;
  readonly repository: Repository;
  /** Take what git does not have as well. */
  readonly dirty: boolean;
  /** A file that git need not have as it is; null: none. */
  readonly mayDiffer: string | null;
  readonly leavesOut: Leaves;
}

/** @throws `DirtySource` when there are changes and `dirty` does not allow them; `NoSource`, `UnsafeSource`. */
export async function fromGit(request: GitSourceRequest): Promise<Source> {
  const { directory, repository, dirty, mayDiffer, leavesOut } = request;
  if (repository.commit === null && !dirty) {
    const next = 'git add -A && git commit, or deploy the files as they are with --dirty';
    throw fail('NoSource', `${directory} is in a git repository without a commit. Next: ${next}`);
  }
  const seen = (await changesOf(repository)).filter((change) => !leavesOut(change.path));
  const changes = await withoutLargeFiles(request, seen);
  const isSpecAlone = changes.length > 0 && changes.every((change) => change.path === mayDiffer);
  if (changes.length > 0 && !dirty && !isSpecAlone) throw fail('DirtySource', dirtyMessage(directory, changes));
  const { commit, tags } = repository;
  const change = (apart: string) => lastChange(repository, apart);
  if (changes.length === 0 && repository.hasFolder) {
    const objects = openObjects(repository.git);
    try {
      const entries = await headEntries(directory, await headRows(repository), objects);
      const close = async () => objects.close();
      return { entries, commit, tags, lastChange: change, dirty: false, warnings: [], close };
    } catch (error) {
      objects.close();
      throw error;
    }
  }
  const names = (await workingFiles(repository)).filter((name) => !leavesOut(name));
  const warning = isSpecAlone && !dirty ? notCommitted(mayDiffer ?? '') : dirtyWarning(changes.length);
  const entries = await entriesOf(directory, names);
  const close = async () => undefined;
  return { entries, commit, tags, lastChange: change, dirty: true, warnings: [warning], close };
}

/** Git sees a file kept by Git LFS as changed once its index is no longer fresh, because no filter of it runs here. */
async function withoutLargeFiles({ directory, repository }: GitSourceRequest, changes: readonly Change[]) {
  const modified = new Set(changes.filter(({ what }) => what === 'modified').map((change) => change.path));
  if (modified.size === 0 || !repository.hasFolder) return changes;
  const rows = (await headRows(repository)).filter((row) => modified.has(row.path) && row.size < LARGEST_POINTER);
  const objects = openObjects(repository.git);
  try {
    for (const row of rows) {
      const digest = pointedAt(await objects.read(row.id));
      if (digest !== null && (await isContent(directory, row, digest))) modified.delete(row.path);
    }
  } finally {
    objects.close();
  }
  return changes.filter(({ what, path: name }) => what !== 'modified' || modified.has(name));
}

async function headEntries(directory: string, rows: readonly TreeRow[], objects: ObjectReader): Promise<PackEntry[]> {
  const lfs = await usesLargeFiles(rows, objects);
  const entries: PackEntry[] = [];
  for (const row of rows) {
    if (row.path.split('/').some((part) => part.toLowerCase() === '.git')) {
      throw fail(
        'UnsafeSource',
        `${shown(row.path)} is refused: a file of the source cannot lie in a folder called .git`,
      );
    }
    entries.push(await headEntry(directory, row, { objects, lfs }));
  }
  return entries.sort(byPath);
}

async function headEntry(
  directory: string,
  row: TreeRow,
  { objects, lfs }: { objects: ObjectReader; lfs: boolean },
): Promise<PackEntry> {
  if (row.mode === '160000') {
    const next = 'take its files into this repository (git subtree), or publish them as a package';
    throw fail('NoSource', `${shown(row.path)} is a submodule, whose files git does not have at HEAD. Next: ${next}`);
  }
  if (row.mode === '120000')
    return { kind: 'link', path: row.path, target: (await objects.read(row.id)).toString('utf8') };
  if (lfs && row.size < LARGEST_POINTER) {
    const digest = pointedAt(await objects.read(row.id));
    if (digest !== null) return largeFile(directory, row, digest);
  }
  const mode = row.mode === '100755' ? 0o755 : 0o644;
  return { kind: 'file', path: row.path, mode, size: row.size, content: () => objects.read(row.id) };
}

/** Git LFS keeps a pointer in git and the file beside it: the file is taken when it is the one that the pointer names. */
const LARGEST_POINTER = 1024;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n[^]*^oid sha256:([0-9a-f]{64})$/m;
const pointedAt = (content: Buffer): string | null => POINTER.exec(content.toString('latin1'))?.[1] ?? null;

async function usesLargeFiles(rows: readonly TreeRow[], objects: ObjectReader): Promise<boolean> {
  for (const row of rows.filter(({ path: name }) => path.basename(name) === '.gitattributes')) {
    if ((await objects.read(row.id)).includes('filter=lfs')) return true;
  }
  return false;
}

async function largeFile(directory: string, row: TreeRow, digest: string): Promise<PackEntry> {
  const entry = await look(directory, row.path);
  if (entry?.kind === 'file' && (await isContent(directory, row, digest))) {
    return fileEntry(directory, { ...entry, mode: row.mode === '100755' ? 0o755 : 0o644 });
  }
  throw fail('NoSource', `${shown(row.path)} is kept by Git LFS and its content is not here. Next: git lfs pull`);
}

async function isContent(directory: string, row: TreeRow, digest: string): Promise<boolean> {
  const entry = await look(directory, row.path);
  return entry?.kind === 'file' && (await digestOfFile(path.join(directory, row.path))) === `sha256:${digest}`;
}

const notCommitted = (file: string): string =>
  `${shown(file)} is not committed: this plan is of the file as it lies there, and the version and the digest of the deployment will be ` +
  `others. deploy takes what is committed: git add ${shown(file)} && git commit`;

const dirtyWarning = (count: number): string =>
  `${count} ${count === 1 ? 'change is' : 'changes are'} deployed that git does not have at HEAD`;

function dirtyMessage(directory: string, changes: readonly Change[]): string {
  const listed = changes.slice(0, SHOWN_CHANGES).map(({ what, path: name }) => `  ${what.padEnd(11)} ${shown(name)}`);
  const more = changes.length > SHOWN_CHANGES ? [`  and ${changes.length - SHOWN_CHANGES} more`] : [];
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return [
    `the source in ${directory} has ${count} that git does not have at HEAD:`,
    ...listed,
    ...more,
    'Next: commit (git add -A && git commit), or deploy the files as they are with --dirty; the version then says so.',
  ].join('\n');
}

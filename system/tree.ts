/** What lies in a folder, without following links. */
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

export type TreeEntry = TreeFile | TreeLink | TreeFolder | TreeOther;
export interface TreeFile {
  readonly kind: 'file';
  readonly path: string;
  /** 0o755 where the owner may execute it, else 0o644. */
  readonly mode: number;
  readonly size: number;
}
export interface TreeLink {
  readonly kind: 'link';
  readonly path: string;
  readonly target: string;
}
export interface TreeFolder {
  readonly kind: 'folder';
  readonly path: string;
}
export interface TreeOther {
  readonly kind: 'other';
  readonly path: string;
  /** Such as `socket`. */
  readonly what: string;
}

/**
 * Everything under `root`, by path relative to it (`/` between parts), in the order of the paths' bytes. `skip` is asked for every
 * path before it is looked at; a skipped folder is not entered.
 */
export async function readTree(
  root: string,
  skip: (relative: string, isFolder: boolean) => boolean | Promise<boolean> = () => false,
): Promise<TreeEntry[]> {
  const found: TreeEntry[] = [];
  const visit = async (folder: string): Promise<void> => {
    const children = await readdir(path.join(root, folder), { withFileTypes: true });
    for (let at = 0; at < children.length; at += TOGETHER) {
      await Promise.all(
        children.slice(at, at + TOGETHER).map(async (child) => {
          const relative = folder === '' ? child.name : `${folder}/${child.name}`;
          if (await skip(relative, child.isDirectory())) return;
          const entry = await look(root, relative);
          if (entry === null) return;
          found.push(entry);
          if (entry.kind === 'folder') await visit(relative);
        }),
      );
    }
  };
  await visit('');
  return found.sort(byPath);
}

const TOGETHER = 32;

/** One entry; null when there is nothing. */
export async function look(root: string, relative: string): Promise<TreeEntry | null> {
  const place = path.join(root, relative);
  if (relative.includes('\uFFFD')) return { kind: 'other', path: relative, what: 'file whose name is not UTF-8' };
  try {
    const stats = await lstat(place);
    if (stats.isFile())
      return { kind: 'file', path: relative, mode: (stats.mode & 0o100) === 0 ? 0o644 : 0o755, size: stats.size };
    if (stats.isSymbolicLink()) return { kind: 'link', path: relative, target: await readlink(place) };
    if (stats.isDirectory()) return { kind: 'folder', path: relative };
    return {
      kind: 'other',
      path: relative,
      what: stats.isFIFO() ? 'named pipe' : stats.isSocket() ? 'socket' : 'device',
    };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** The order of the paths' bytes: the same on every machine and in every locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

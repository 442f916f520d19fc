/** The source is what lies in a folder: outside git by its ignore files, or inside a working tree by a list of names. */
import { pathProblem, shown } from '../../domain/source/paths';
import { byPath, look, readTree, type TreeEntry } from '../../system/tree';
import { fail } from '../failure';
import { createIgnoreRules } from '../ignore-rules';
import { fileEntry, type PackEntry } from '../pack';
import type { Source } from './source';

/** Installed or made by tools, wherever they lie: never source. */
const NEVER = new Set(['node_modules', '.git']);
const RULES = ['.gitignore', '.mvcaignore'];

export type Leaves = (relative: string) => boolean;

/** @param leavesOut what is ours and not the application's. @throws `UnsafeSource` for what is neither file, folder nor link. */
export async function fromFolder(directory: string, leavesOut: Leaves): Promise<Source> {
  const rules = createIgnoreRules(directory, RULES);
  const entries = await readTree(
    directory,
    async (relative, isFolder) =>
      NEVER.has(relative.split('/').pop() ?? '') || leavesOut(relative) || (await rules(relative, isFolder)),
  );
  const warning =
    `${directory} is not kept in git: its files are taken as they lie there, and nobody can say later what this version was. ` +
    'Next: git init && git add -A && git commit';
  return {
    entries: packable(
      directory,
      entries.filter((entry) => entry.kind !== 'folder'),
    ),
    commit: null,
    tags: [],
    dirty: false,
    warnings: [warning],
    close: async () => undefined,
  };
}

/** The entries of those names; names of what is not there any more are left out. */
export async function entriesOf(directory: string, names: readonly string[]): Promise<PackEntry[]> {
  const found: TreeEntry[] = [];
  for (const name of names) {
    const problem = pathProblem(name.replace(/\/$/, ''));
    if (problem !== null) throw fail('UnsafeSource', `${shown(name)} is refused: ${problem}`);
    const entry = await look(directory, name);
    if (entry?.kind === 'folder') {
      const next = 'take its files into this repository (git subtree), or publish them as a package';
      throw fail(
        'NoSource',
        `${shown(name)} is another git repository, whose files git does not have here. Next: ${next}`,
      );
    }
    if (entry !== null) found.push(entry);
  }
  return packable(directory, found.sort(byPath));
}

function packable(directory: string, entries: readonly TreeEntry[]): PackEntry[] {
  return entries.map((entry) => {
    if (entry.kind === 'file') return fileEntry(directory, entry);
    if (entry.kind === 'link' || entry.kind === 'folder') return entry;
    const next = 'remove it, or name it in .gitignore or .mvcaignore';
    throw fail('UnsafeSource', `${shown(entry.path)} is a ${entry.what}, which cannot be deployed. Next: ${next}`);
  });
}

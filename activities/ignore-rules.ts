/** Ignore files in the way of git: one a folder, the deeper one wins, `!` takes back (gitignore(5)). */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { ifMissing } from '../system/missing';

export type IgnoreRules = (relative: string, isFolder: boolean) => Promise<boolean>;

/** Rules of the files called `names` in `root` and below; a path must be asked for after its folders, as a walk does. */
export function createIgnoreRules(root: string, names: readonly string[]): IgnoreRules {
  const known = new Map<string, Promise<Ignore | null>>();
  const rulesOf = (folder: string): Promise<Ignore | null> => {
    const found = known.get(folder) ?? readRules(path.join(root, folder), names);
    known.set(folder, found);
    return found;
  };
  return async (relative, isFolder) => {
    let ignored = false;
    const parts = relative.split('/');
    for (let depth = 0; depth < parts.length; depth += 1) {
      const rules = await rulesOf(parts.slice(0, depth).join('/'));
      const verdict = rules?.test(`${parts.slice(depth).join('/')}${isFolder ? '/' : ''}`);
      if (verdict?.ignored) ignored = true;
      else if (verdict?.unignored) ignored = false;
    }
    return ignored;
  };
}

async function readRules(folder: string, names: readonly string[]): Promise<Ignore | null> {
  const texts = await Promise.all(
    names.map((name) => readFile(path.join(folder, name), 'utf8').catch(ifMissing(null))),
  );
  const present = texts.filter((text) => text !== null);
  if (present.length === 0) return null;
  return ignore({ ignorecase: false, allowRelativePaths: true }).add(present.join('\n'));
}

/** Ignore files in the way of git: one a folder, the deeper one wins, `!` takes back (gitignore(5)). */
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { ifMissing } from '../system/missing';
import { readPlainFile } from '../system/plain-file';
import { fail } from './failure';

const MOST_BYTES = 1024 * 1024;

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
  const texts = await Promise.all(names.map((name) => textOf(path.join(folder, name)).catch(ifMissing(null))));
  const present = texts.filter((text) => text !== null);
  if (present.length === 0) return null;
  return ignore({ ignorecase: false, allowRelativePaths: true }).add(present.join('\n'));
}

/** Rules that cannot be read are not passed over: what they keep back would be taken. @throws `UnsafeSource` */
async function textOf(file: string): Promise<string> {
  const found = await readPlainFile(file, MOST_BYTES);
  if (found.kind === 'read') return found.text;
  throw fail('UnsafeSource', `${file} ${found.reason}. Next: make it a file of at most ${MOST_BYTES} bytes`);
}

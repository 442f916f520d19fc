/** Code of releases, as far as a diagnosis may look at it. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

const LONGEST_CODE = 1024 * 1024;

/** Reads code below these folders alone: what a log names is not trusted. Each file once. */
export function codeIn(roots: readonly string[]): (file: string) => string | null {
  const read = new Map<string, string | null>();
  return (file) => {
    const known = read.get(file);
    if (known !== undefined) return known;
    const isOurs = /\.[cm]?[jt]sx?$/.test(file) && roots.some((root) => realPath(file).startsWith(root));
    const text = isOurs ? textOf(file) : null;
    read.set(file, text);
    return text;
  };
}

export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file); // not there
  }
}

function textOf(file: string): string | null {
  try {
    const found = statSync(file);
    return found.isFile() && found.size <= LONGEST_CODE ? readFileSync(file, 'utf8') : null;
  } catch {
    return null; // not of this release, or removed
  }
}

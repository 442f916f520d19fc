/** Which folders of an application are workspaces: packages of its own, with dependencies of their own. */

/**
 * Of the folders with a package.json, those that the patterns of the root, and of workspaces within workspaces, name.
 * @param patternsOf what the package in a folder names as its workspaces
 */
export function workspacesOf(
  folders: readonly string[],
  patternsOf: (folder: string) => readonly string[],
): readonly string[] {
  const found = new Set(['']);
  for (const folder of found) {
    const inside = folder === '' ? '' : `${folder}/`;
    const named = matcher(patternsOf(folder));
    for (const other of folders)
      if (other !== folder && other.startsWith(inside) && named(other.slice(inside.length))) found.add(other);
  }
  return [...found];
}

/** As package managers read `workspaces` and `packages`: a pattern with `!` takes back what others name. */
function matcher(patterns: readonly string[]): (folder: string) => boolean {
  const [no, yes] = [true, false].map((back) =>
    patterns.filter((pattern) => pattern.startsWith('!') === back).map((pattern) => expressionOf(pattern)),
  );
  const matches = (list: readonly RegExp[] = [], folder: string) => list.some((pattern) => pattern.test(folder));
  return (folder) => matches(yes, folder) && !matches(no, folder);
}

const SIGNS: Readonly<Record<string, string>> = {
  '**/': '(?:[^/]+/)*',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
  '{': '(?:',
  '}': ')',
  ',': '|',
};

/** More stars than anybody needs would make a search that never ends: then every folder counts, and more stays. */
const MOST_STARS = 6;

function expressionOf(pattern: string): RegExp {
  if (pattern.split('*').length - 1 > MOST_STARS) return /^/;
  const plain = pattern.replace(/^!?(?:\.?\/)*/, '').replace(/\/$/, '');
  const braces = plain.includes('{');
  const text = plain.replace(/\*\*\/|\*\*|[\\^$.*+?()[\]{}|,]/g, (sign) => {
    if ('{},'.includes(sign) && !braces) return `\\${sign}`;
    return SIGNS[sign] ?? `\\${sign}`;
  });
  try {
    return new RegExp(`^${text}$`);
  } catch {
    return /^\b$/; // an open brace: no package manager finds anything by it either
  }
}

/** What of a built application goes into its artifact. */
import { linkProblem } from '../source/links';
import { isWithin, pathProblem, shown } from '../source/paths';
import { trimEnd } from '../trim-end';

/** What tools keep for themselves: it differs from build to build, or means nothing elsewhere. */
const STATE =
  /(^|\/)(node_modules\/(\.cache|\.modules\.yaml|\.yarn-integrity|\.yarn-state\.yml|\.pnpm-workspace-state(-v1)?\.json|\.vite|\.vitest)|\.yarn\/(install-state\.gz|build-state\.yml))(\/|$)/;

/** Whether a path never goes into an artifact, whatever the spec includes. */
export const isLeftOut = (path: string): boolean => path === '.git' || path.startsWith('.git/') || STATE.test(path);

/** Whether a path is asked for: by its own name, by a folder of it; a folder also by what it holds. Nothing asked for: everything. */
export function isIncluded(path: string, include: readonly string[]): boolean {
  if (include.length === 0) return true;
  return include.some((wanted) => isWithin(path, wanted) || isWithin(wanted, path));
}

/** The wanted paths in plain form. `package.json` comes along: Node reads from it whether files are modules. */
export function plainInclude(include: readonly string[]): readonly string[] {
  if (include.length === 0) return [];
  const plain = include.map((path) => trimEnd(path.replace(/^(\.\/)+/, ''), '/'));
  return plain.some((path) => path === '.' || path === '') ? [] : [...plain, 'package.json'];
}

/** Of what was asked for, what is not there. */
export const missingOf = (include: readonly string[], paths: ReadonlySet<string>): readonly string[] =>
  include.filter((wanted) => wanted !== 'package.json' && !paths.has(wanted));

/** Why these names or links cannot be packed, in words; null when they can. */
export function packingProblem(paths: readonly string[], links: ReadonlyMap<string, string>): string | null {
  for (const path of paths) {
    const problem = pathProblem(path) ?? (links.has(path) ? linkProblem(path, links) : null);
    if (problem === null) continue;
    const next = links.has(path)
      ? 'Next: publish what it leads to as a package, or pack it (npm pack); `file:` dependencies need install-links=true in .npmrc'
      : 'Next: rename it, or name it in .mvcaignore';
    return `${shown(path)} cannot be packed: ${problem}. ${next}`;
  }
  return null;
}

/** Links whose target the application has and the artifact has not. */
export function danglingLinks(
  links: ReadonlyMap<string, string>,
  all: ReadonlySet<string>,
  packed: ReadonlySet<string>,
): readonly string[] {
  return [...links].flatMap(([path, target]) => {
    const place = resolve(path, target);
    return packed.has(path) && all.has(place) && !packed.has(place)
      ? [`${shown(path)} leads to ${shown(place)}, which is not packed`]
      : [];
  });
}

function resolve(path: string, target: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/**
 * The route of a path, for counting: `/item/4711?from=mail` is `/item/:id`. Identifiers, tokens and everything after `?` are left out,
 * so that routes stay few and nothing private is kept. Runs with every request: no regular expressions, no splitting.
 */

/** Longer segments are identifiers, or as good as. */
const LONGEST_WORD = 32;
const DEEPEST = 5;

const SLASH = 47;

export function routeName(path: string): string {
  const end = endOf(path);
  let name = '';
  let kept = 0;
  let depth = 0;
  for (let start = 1; start <= end;) {
    const next = nextSlash(path, start, end);
    depth += 1;
    if (depth > DEEPEST) return `${name}${path.slice(kept, start - 1)}/…`;
    if (isIdentifier(path, start, next)) {
      name += `${path.slice(kept, start)}:id`;
      kept = next;
    }
    start = next + 1;
  }
  return name + path.slice(kept, end);
}

function endOf(path: string): number {
  for (let i = 0; i < path.length; i += 1) {
    const code = path.charCodeAt(i);
    if (code === 63 /* ? */ || code === 35 /* # */ || code === 59 /* ; */) return i;
  }
  return path.length;
}

function nextSlash(path: string, from: number, end: number): number {
  for (let i = from; i < end; i += 1) if (path.charCodeAt(i) === SLASH) return i;
  return end;
}

/** Has a digit, an escape or an odd sign, or is too long for a word; `v2` and the like are words. */
function isIdentifier(path: string, start: number, end: number): boolean {
  if (end - start > LONGEST_WORD) return true;
  if (isVersion(path, start, end)) return false;
  for (let i = start; i < end; i += 1) if (!isWordCode(path.charCodeAt(i))) return true;
  return false;
}

const isVersion = (path: string, start: number, end: number): boolean =>
  end - start >= 2 && end - start <= 3 && path.charCodeAt(start) === 118 /* v */ && isDigit(path.charCodeAt(start + 1));

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const isWordCode = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 45 || code === 46 || code === 95;

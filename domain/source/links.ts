/** Where symbolic links lead, worked out from names alone: the files may not exist yet. */

/** Linux gives up after 40 links (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * What is wrong with the link at `path`, in words, or null when it stays inside the root whatever other links it leads through.
 * @param links path of every link to its target
 */
export function linkProblem(path: string, links: ReadonlyMap<string, string>): string | null {
  const target = links.get(path) ?? '';
  if (target === '') return 'it leads nowhere';
  if (target.includes('\0')) return 'its target holds a NUL character';
  if (target.startsWith('/')) return `it leads to the absolute path ${target}`;
  const here: string[] = path.split('/').slice(0, -1);
  const ahead = target.split('/');
  for (let followed = 0; ahead.length > 0;) {
    const part = ahead.shift();
    if (part === undefined || part === '' || part === '.') continue;
    if (part === '..') {
      if (here.pop() === undefined) return `it leads out of the folder (${target})`;
      continue;
    }
    here.push(part);
    const next = links.get(here.join('/'));
    if (next === undefined) continue;
    followed += 1;
    if (followed > MOST_LINKS) return null; // a circle: it leads nowhere, so it leads to no secret either
    if (next.startsWith('/')) return `it leads through ${here.join('/')} to the absolute path ${next}`;
    here.pop();
    ahead.unshift(...next.split('/'));
  }
  return null;
}

/** Where a path is when every link on it is followed; null: out of the root, or nowhere. */
export function realPath(path: string, links: ReadonlyMap<string, string>): string | null {
  const here: string[] = [];
  const ahead = path.split('/');
  for (let followed = 0; ahead.length > 0;) {
    const part = ahead.shift();
    if (part === undefined || part === '' || part === '.') continue;
    if (part === '..') {
      if (here.pop() === undefined) return null;
      continue;
    }
    here.push(part);
    const target = links.get(here.join('/'));
    if (target === undefined) continue;
    followed += 1;
    if (followed > MOST_LINKS || target.startsWith('/')) return null;
    here.pop();
    ahead.unshift(...target.split('/'));
  }
  return here.join('/');
}

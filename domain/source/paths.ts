/** Names that may be part of a source or of an artifact. */

/** What is wrong with a path relative to its root, in words; null when nothing is. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'its name is empty';
  if (path.includes('\0')) return 'its name holds a NUL character';
  if (path.includes('\uFFFD')) return 'its name is not UTF-8; rename it';
  if (path.startsWith('/')) return 'its name is absolute';
  const parts = path.split('/');
  if (parts.includes('..')) return 'its name leaves the folder (`..`)';
  if (parts.includes('') || parts.includes('.')) return 'its name has an empty part';
  return null;
}

/** Whether a path is `folder` or lies in it. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`);

/** A name as people can read it on one line: quoted where it holds anything but plain characters. */
export const shown = (path: string): string => (/^[\w@%+=:,./~-]+$/.test(path) ? path : JSON.stringify(path));

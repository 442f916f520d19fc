/** What a sandbox shows of the machine: programs and their libraries, never a person's home nor anything of ours. */
import { existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** One thing to be seen in a sandbox, at `place`. `copy`: a small file, readable by the account inside whoever owns it. */
export interface Shown {
  readonly kind: 'ro' | 'rw' | 'link' | 'copy';
  readonly source: string;
  readonly place: string;
}

/** Folders that hold programs, libraries and settings of the machine, on one distribution or another. */
const SYSTEM = 'usr bin sbin lib lib32 lib64 libx32 libexec etc opt nix gnu snap sys'.split(' ');

/** The machine's own programs, and the tools on the PATH that lie elsewhere (a Node of nvm's). */
export function shownOfMachine(searchPath: string, hidden: readonly string[]): Shown[] {
  return [...SYSTEM.flatMap(systemFolder), ...resolver(), ...toolFolders(searchPath, hidden)];
}

export const same = (kind: 'ro' | 'rw', place: string): Shown => ({ kind, source: place, place });

function systemFolder(name: string): Shown[] {
  const place = `/${name}`;
  if (!existsSync(place)) return [];
  return lstatSync(place).isSymbolicLink()
    ? [{ kind: 'link', source: readlinkSync(place), place }]
    : [{ kind: name === 'sys' ? 'rw' : 'ro', source: place, place }];
}

/** /etc/resolv.conf is often a link into /run. */
function resolver(): Shown[] {
  try {
    const folder = path.dirname(realpathSync('/etc/resolv.conf'));
    return isWithin(folder, '/run') && folder !== '/run' ? [same('ro', folder)] : [];
  } catch {
    return []; // a machine without names
  }
}

/** Node's own folder, and those of the PATH that lie out of the machine's own. */
export function toolFolders(searchPath: string, hidden: readonly string[]): Shown[] {
  const prefix = path.dirname(path.dirname(realpathSync(process.execPath)));
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const wanted = [prefix, ...folders.map((folder) => path.normalize(folder).replace(/\/$/, ''))];
  const mayBeSeen = (folder: string): boolean =>
    folder !== '' &&
    !SYSTEM.some((name) => isWithin(folder, `/${name}`)) &&
    !folder.split('/').includes('node_modules') &&
    !hidden.some((place) => isWithin(place, folder)) &&
    isFolder(folder);
  return [...new Set(wanted)].filter(mayBeSeen).map((folder) => same('ro', folder));
}

export const isWithin = (place: string, folder: string): boolean => place === folder || place.startsWith(`${folder}/`);

export function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false; // not there, or closed to us
  }
}

/** What a sandbox shows, as a table (fstab(5)) of which one start of `mount` makes all mounts. */
import { isFolder, type Shown } from './view';

/**
 * Below the folder `root`, in this order; folders to mount on are made. What is read-only is so without devices and privileged programs
 * too: in a namespace of users nothing may be mounted with less than the machine's own mount has, and nobody gains privileges there.
 */
export function mountTable(root: string, shown: readonly Shown[]): string {
  const binds = shown.flatMap(({ kind, source, place }) => {
    const options = OPTIONS[kind];
    if (options === undefined) return [];
    return [mountRow(source, root + place, 'none', isFolder(source) ? `${options},X-mount.mkdir` : options)];
  });
  const nodes = DEVICES.map((node) => mountRow(`/dev/${node}`, `${root}/dev/${node}`, 'none', 'bind'));
  return [...binds, ...fresh(root), ...nodes].join('');
}

const OPTIONS: Readonly<Partial<Record<Shown['kind'], string>>> = {
  ro: 'rbind,ro,nosuid,nodev',
  rw: 'rbind',
};

const DEVICES = 'null zero full random urandom tty'.split(' ');

const fresh = (root: string): readonly string[] => [
  mountRow('proc', `${root}/proc`, 'proc', 'nosuid,nodev,noexec'),
  mountRow('mvca', `${root}/dev/shm`, 'tmpfs', 'mode=1777,size=512m,nosuid,nodev'),
];

/** `place` must be there, or `X-mount.mkdir` among the options. */
export const mountRow = (source: string, place: string, type: string, options: string): string =>
  `${escaped(source)} ${escaped(place)} ${type} ${options} 0 0\n`;

const escaped = (name: string): string =>
  name.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

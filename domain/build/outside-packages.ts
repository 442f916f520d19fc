/** Packages that a lock file names by the path of an archive which lies out of the source. */

export interface OutsidePackage {
  readonly name: string;
  /** As the lock file has it: relative to the application's folder, or absolute. */
  readonly path: string;
  /** 128 hexadecimal digits, the SHA-512 that the lock file holds the archive to. */
  readonly sha512: string;
}

/** Of the text of a `package-lock.json`; none when it is no lock file: the package manager says what is wrong with that. */
export function outsidePackages(lock: string): readonly OutsidePackage[] {
  return Object.entries(packagesOf(lock)).flatMap(([place, entry]) => {
    const { resolved, integrity } = entry ?? {};
    const path = typeof resolved === 'string' ? /^file:(.+)$/.exec(resolved)?.[1] : undefined;
    const digest = typeof integrity === 'string' ? /^sha512-([\w+/]{86}==)$/.exec(integrity)?.[1] : undefined;
    if (path === undefined || digest === undefined || !leadsOut(path)) return [];
    return [{ name: place.replace(/^.*node_modules\//, ''), path, sha512: hexOf(digest) }];
  });
}

const leadsOut = (path: string): boolean => path.startsWith('/') || /^(\.\/)*\.\.(\/|$)/.test(path);

type Entry = { readonly resolved?: unknown; readonly integrity?: unknown } | null;

function packagesOf(lock: string): Readonly<Record<string, Entry>> {
  try {
    const { packages } = JSON.parse(lock) as { readonly packages?: Readonly<Record<string, Entry>> };
    return typeof packages === 'object' && packages !== null ? packages : {};
  } catch {
    return {};
  }
}

const hexOf = (base64: string): string =>
  Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');

/** Which versions of which packages are installed, as the lock files of npm, pnpm and Yarn say it. */

/** Version by name; of a package that is there in several versions, the one that the application itself gets. */
export type Versions = Readonly<Record<string, string>>;

/** null: no lock file that is known here. @param name of the file, without its folder */
export function readLockFile(name: string, text: string): Versions | null {
  if (/^(?:npm-shrinkwrap|package-lock|\.package-lock)\.json$/.test(name)) return ofNpm(text);
  if (name === 'pnpm-lock.yaml') return ofPnpm(text);
  return name === 'yarn.lock' ? ofYarn(text) : null;
}

interface NpmLock {
  readonly packages?: Readonly<Record<string, { readonly version?: string; readonly link?: boolean }>>;
  readonly dependencies?: Readonly<Record<string, { readonly version?: string }>>;
}

/** Versions 1 to 3 (docs.npmjs.com, package-lock.json). */
function ofNpm(text: string): Versions | null {
  let lock: NpmLock;
  try {
    lock = JSON.parse(text) as NpmLock;
  } catch {
    return null; // cut off, or no lock file
  }
  const found: Record<string, string> = {};
  for (const [place, { version }] of Object.entries(lock.packages ?? {})) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
    if (name !== undefined && version !== undefined) found[name] = version;
  }
  for (const [name, { version }] of Object.entries(lock.packages === undefined ? (lock.dependencies ?? {}) : {}))
    if (version !== undefined) found[name] = version;
  return found;
}

const PNPM_KEY = /^ {2}['"]?\/?((?:@[^/@\s]+\/)?[^/@\s]+)[@/](\d[^('":\s_]*)/;

/** Keys of `packages:`: `/name@1.2.3:`, `name@1.2.3(peer@4):`, `/name/1.2.3:`. */
function ofPnpm(text: string): Versions {
  const found: Record<string, string> = {};
  let isInside = false;
  for (const line of text.split('\n')) {
    if (/^[^ \t\r]/.test(line)) {
      if (isInside) break;
      isInside = /^(?:packages|snapshots):\r?$/.test(line);
      continue;
    }
    const [, name, version] = isInside ? (PNPM_KEY.exec(line) ?? []) : [];
    if (name !== undefined && version !== undefined) found[name] = later(found[name], version);
  }
  return found;
}

/** Entries of both formats: `"name@^1.0.0", name@^1.1.0:` and, indented below, `version "1.2.3"` or `version: 1.2.3`. */
function ofYarn(text: string): Versions {
  const found: Record<string, string> = {};
  let name: string | undefined;
  for (const line of text.split('\n')) {
    if (!/^[ \t]/.test(line)) {
      name = line.endsWith(':') ? /^"?((?:@[^/@\s"]+\/)?[^/@\s"]+)@/.exec(line)?.[1] : undefined;
      continue;
    }
    const version = /^[ \t]+version:? "?([^"\s]+)/.exec(line)?.[1];
    if (name === undefined || version === undefined) continue;
    found[name] = later(found[name], version);
    name = undefined;
  }
  return found;
}

const later = (known: string | undefined, version: string): string =>
  known === undefined || compare(version, known) > 0 ? version : known;

function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

const numbersOf = (version: string): readonly [number, number, number] => {
  const [, major = '0', minor = '0', patch = '0'] = /^\D*(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major), Number(minor), Number(patch)];
};

export type Step = 'major' | 'minor' | 'patch' | 'added' | 'removed';

export interface PackageChange {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly step: Step;
}

const ORDER: readonly Step[] = ['major', 'removed', 'minor', 'added', 'patch'];

/** What changed from one lock file to the other, largest steps first. Below 1.0.0 a minor step is a major one (semver.org, 4). */
export function packageChanges(before: Versions, now: Versions): PackageChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const changes = names.flatMap((name) => changeOf(name, before[name] ?? null, now[name] ?? null) ?? []);
  return changes.sort((a, b) => ORDER.indexOf(a.step) - ORDER.indexOf(b.step) || a.name.localeCompare(b.name));
}

function changeOf(name: string, from: string | null, to: string | null): PackageChange | null {
  if (from === to) return null;
  if (from === null || to === null) return { name, from, to, step: from === null ? 'added' : 'removed' };
  const [a, b] = [numbersOf(from), numbersOf(to)];
  const isMajor = a[0] !== b[0] || (a[0] === 0 && a[1] !== b[1]);
  return { name, from, to, step: isMajor ? 'major' : a[1] === b[1] ? 'patch' : 'minor' };
}

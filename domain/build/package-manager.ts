/** Which package manager an application uses, and what it is asked to do. */
import type { Command } from '../spec/spec';

export interface PackageFacts {
  /** Names in the application's root. */
  readonly files: ReadonlySet<string>;
  readonly packageJson: PackageJson | null;
  /** The beginning of the lock file that stands for its format; empty without one. */
  readonly lock: string;
  /** The text of `.yarnrc.yml`; empty without one. */
  readonly yarnSettings: string;
}

export interface PackageJson {
  readonly packageManager?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: unknown;
}

export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn';
  readonly install: Command;
  /** The package that npm can fetch and run where the program is not on the PATH; null: it comes with Node. */
  readonly fetched: string | null;
  /** Whether the same source installs the same packages again. */
  readonly repeatable: boolean;
}

export const LOCK_FILES = ['npm-shrinkwrap.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'] as const;

/** By the lock file; without one, npm. null: there is no package.json, so nothing to install. */
export function packageManagerOf({ files, packageJson, lock }: PackageFacts): PackageManager | null {
  if (packageJson === null) return null;
  const declared = packageJson.packageManager?.split('+')[0] ?? '';
  if (files.has('package-lock.json') || files.has('npm-shrinkwrap.json')) return npm(['npm', 'ci'], true);
  if (files.has('pnpm-lock.yaml')) return pnpm(declared, lock);
  if (files.has('yarn.lock')) return /^__metadata:/m.test(lock) ? yarnBerry(declared) : yarnClassic(declared);
  return npm(['npm', 'install', '--no-package-lock'], false);
}

/** Whether yarn 2 and later keeps packages as archives and makes no `node_modules`, which is what it does by itself. */
export function isPlugAndPlay({ files, lock, yarnSettings }: PackageFacts): boolean {
  if (!files.has('yarn.lock') || !/^__metadata:/m.test(lock)) return false;
  const linker = /^nodeLinker: *['"]?([\w-]+)/m.exec(yarnSettings)?.[1] ?? 'pnp';
  return linker === 'pnp';
}

/** Whether there is anything to take out of an installed application. */
export function hasDevelopmentDependencies({ files, packageJson }: PackageFacts): boolean {
  if (packageJson === null) return false;
  const workspaces = packageJson.workspaces !== undefined || files.has('pnpm-workspace.yaml');
  return workspaces || Object.keys(packageJson.devDependencies ?? {}).length > 0;
}

const npm = (install: Command, repeatable: boolean): PackageManager => ({
  name: 'npm',
  install,
  fetched: null,
  repeatable,
});

/** Lock file formats: 5.x of pnpm 7 and before, 6.0 of pnpm 8, 9.0 of pnpm 9 and later. */
function pnpm(declared: string, lock: string): PackageManager {
  const format = Number(/^lockfileVersion: *['"]?(\d+)/m.exec(lock)?.[1] ?? 9);
  const version = format >= 9 ? 'pnpm@9' : format >= 6 ? 'pnpm@8' : 'pnpm@7';
  return {
    name: 'pnpm',
    install: ['pnpm', 'install', '--frozen-lockfile'],
    fetched: declared.startsWith('pnpm@') ? declared : version,
    repeatable: true,
  };
}

const yarnClassic = (declared: string): PackageManager => ({
  name: 'yarn',
  install: ['yarn', 'install', '--frozen-lockfile', '--non-interactive'],
  fetched: declared.startsWith('yarn@1') ? declared : 'yarn@1',
  repeatable: true,
});

const yarnBerry = (declared: string): PackageManager => ({
  name: 'yarn',
  install: ['yarn', 'install', '--immutable'],
  fetched: `@yarnpkg/cli-dist@${/^yarn@([2-9].*)$/.exec(declared)?.[1] ?? '4'}`,
  repeatable: true,
});

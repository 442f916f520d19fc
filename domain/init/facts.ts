/** What `init` reads of a project, and how its `package.json` is understood. */
import type { Approvers } from './approvers';

export interface ProjectFacts {
  /** Name of the folder; the application's name where `package.json` has none. */
  readonly folder: string;
  /** The content of `package.json`; null when there is none. */
  readonly packageJson: string | null;
  /** Paths of files, relative, with `/`; two levels are enough. */
  readonly files: readonly string[];
  /** Contents of files that tell of ports, health and variables: source files near the start, `.env.example`. */
  readonly contents: Readonly<Record<string, string>>;
  /** Where the router may listen. */
  readonly ports: { readonly staging: number; readonly production: number };
  /** Of production; missing: anybody but who asks. */
  readonly approvers?: Approvers;
}

export interface Package {
  readonly name: string | null;
  readonly main: string | null;
  readonly node: string | null;
  readonly workspaces: boolean;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

const NOTHING: Package = {
  name: null,
  main: null,
  node: null,
  workspaces: false,
  scripts: {},
  dependencies: [],
  devDependencies: [],
};

/** Reads what can be read: whatever has another form than npm's counts as not there. null: no JSON. */
export function readPackage(content: string | null): Package | null {
  if (content === null) return NOTHING;
  try {
    const json = record(JSON.parse(content.replace(/^\uFEFF/, '')));
    return {
      name: text(json['name']),
      main: text(json['main']),
      node: text(record(json['engines'])['node']),
      workspaces: json['workspaces'] !== undefined,
      scripts: texts(json['scripts']),
      dependencies: Object.keys(record(json['dependencies'])),
      devDependencies: Object.keys(record(json['devDependencies'])),
    };
  } catch {
    return null; // told as a note: the project has a package.json that nobody can read
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value : null);
const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record(value)).filter((entry): entry is [string, string] => text(entry[1]) !== null),
  );

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';
const LOCK_FILES: readonly (readonly [file: string, manager: PackageManager])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lockb', 'bun'],
  ['bun.lock', 'bun'],
];

/** By the lock file; null when there is none. */
export const packageManager = (files: readonly string[]): PackageManager | null =>
  LOCK_FILES.find(([file]) => files.includes(file))?.[1] ?? null;

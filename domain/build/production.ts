/**
 * Which installed packages an application needs in production: those that its dependencies lead to, found as Node finds them, in the very
 * folder that is tested. The others are left out; what stays is never written again.
 */
import { realPath } from '../source/links';

/** What of a package.json says which packages it needs. */
export interface PackageNeeds {
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly optionalDependencies?: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
  readonly bundleDependencies?: unknown;
  readonly bundledDependencies?: unknown;
}

export interface Installed {
  /** Every path of the application. */
  readonly paths: ReadonlySet<string>;
  /** Those of them that are links, to their targets. */
  readonly links: ReadonlyMap<string, string>;
  /** Folders of packages, the application's own among them, to what they need. */
  readonly packages: ReadonlyMap<string, PackageNeeds>;
  /** Folders of the application and of its workspaces. */
  readonly roots: readonly string[];
}

/** Where pnpm and yarn keep each package in a folder of its own. */
const STORES = new Set(['.pnpm', '.store']);
/** What package managers note about all that they had installed. */
const NOTES = ['.package-lock.json', '.pnpm/lock.yaml'];

/** Paths that no production dependency leads to; what lies below them goes with them. */
export function onlyForDevelopment(installed: Installed): ReadonlySet<string> {
  const { paths, links, roots } = installed;
  const needed = holding(neededBy(installed));
  const children = childrenOf(paths);
  const survey = new Survey(installed, needed, children);
  for (const root of roots) survey.look(join(root, 'node_modules'));
  const out = survey.dropped;
  if (out.size === 0) return out;
  for (const link of survey.links) {
    const place = realPath(link, links);
    if (place !== null && isUnder(place, out)) out.add(link);
  }
  for (const scope of survey.scopes) if (children.get(scope)?.every((name) => out.has(name))) out.add(scope);
  for (const folder of survey.folders)
    for (const note of NOTES) if (paths.has(join(folder, note))) out.add(join(folder, note));
  return out;
}

/** Real folders of all packages that the roots need, however indirectly, and of the roots. */
function neededBy({ paths, links, packages, roots }: Installed): ReadonlySet<string> {
  const found = new Set(roots);
  for (const folder of found) {
    for (const name of namesOf(packages.get(folder) ?? {})) {
      const place = resolve(folder, name, paths);
      const real = place === null ? null : realPath(place, links);
      if (real !== null) found.add(real);
    }
  }
  return found;
}

/** Optional ones and peers are needed where they are there: the package looks for them. */
const namesOf = (needs: PackageNeeds): readonly string[] =>
  [needs.dependencies, needs.optionalDependencies, needs.peerDependencies].flatMap((list) => Object.keys(list ?? {}));

/** As Node looks for a package: in the `node_modules` beside who asks, then further up. */
function resolve(from: string, name: string, paths: ReadonlySet<string>): string | null {
  for (let folder = from; ; folder = parentOf(folder)) {
    const place = join(folder, `node_modules/${name}`);
    if (!/(^|\/)node_modules$/.test(folder) && paths.has(place)) return place;
    if (folder === '') return null;
  }
}

/** Looks through folders of installed packages for what nothing needs. */
class Survey {
  readonly dropped = new Set<string>();
  /** Links to packages, whose fate is that of their targets. */
  readonly links: string[] = [];
  readonly scopes: string[] = [];
  readonly folders: string[] = [];

  constructor(
    private readonly installed: Installed,
    private readonly needed: ReadonlySet<string>,
    private readonly children: ReadonlyMap<string, readonly string[]>,
  ) {}

  look(folder: string): void {
    if (!this.installed.paths.has(folder) || this.installed.links.has(folder)) return;
    this.folders.push(folder);
    for (const place of this.children.get(folder) ?? []) {
      const name = nameOf(place);
      if (STORES.has(name)) this.lookAtStore(place);
      else if (name === '.bin') this.links.push(...this.linksIn(place));
      else if (name.startsWith('@')) this.lookAtScope(place);
      else this.lookAtPackage(place);
    }
  }

  private lookAtScope(scope: string): void {
    this.scopes.push(scope);
    for (const place of this.children.get(scope) ?? []) this.lookAtPackage(place);
  }

  /** What is no package was put there by somebody else, such as generated code. */
  private lookAtPackage(place: string): void {
    const { links, packages } = this.installed;
    if (links.has(place)) return void this.links.push(place);
    const needs = packages.get(place);
    if (needs === undefined) return;
    if (!this.needed.has(place)) return void this.dropped.add(place);
    if ((needs.bundleDependencies ?? needs.bundledDependencies) === undefined) this.look(join(place, 'node_modules'));
  }

  private lookAtStore(store: string): void {
    for (const unit of this.children.get(store) ?? []) {
      if (nameOf(unit) === 'node_modules') this.look(unit);
      else if (this.children.has(unit) && !this.needed.has(unit)) this.dropped.add(unit);
    }
  }

  private linksIn(folder: string): readonly string[] {
    return (this.children.get(folder) ?? []).filter((place) => this.installed.links.has(place));
  }
}

/** The folders, and all folders that they lie in. */
function holding(folders: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const folder of folders) for (let at = folder; !all.has(at); at = parentOf(at)) all.add(at);
  return all;
}

function childrenOf(paths: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const path of paths) {
    const folder = parentOf(path);
    const list = children.get(folder);
    if (list === undefined) children.set(folder, [path]);
    else list.push(path);
  }
  return children;
}

/** Whether the path, or a folder that it lies in, is one of `folders`. */
export function isUnder(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path; at !== ''; at = parentOf(at)) if (folders.has(at)) return true;
  return false;
}

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

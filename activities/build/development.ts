/** What of a built application is there for its development only. Nothing is changed, and no package manager is asked. */
import path from 'node:path';
import { parse } from 'yaml';
import { hasDevelopmentDependencies } from '../../domain/build/package-manager';
import { PNP_DATA, PNP_FILE, pnpOnlyForDevelopment, pnpProblem, pnpTable, type PnpTable } from '../../domain/build/pnp';
import { isUnder, onlyForDevelopment, type PackageNeeds } from '../../domain/build/production';
import { workspacesOf } from '../../domain/build/workspaces';
import { plainText } from '../../system/plain-file';
import type { TreeEntry } from '../../system/tree';
import { fail, wordsOf } from '../failure';
import { packageFacts } from './install';

const LONGEST_PACKAGE = 16 * 1024 * 1024;
const LONGEST_TABLE = 64 * 1024 * 1024;
const TOGETHER = 32;
/** Where packages are installed, by npm, yarn, pnpm and yarn's own way of pnpm. */
const INSTALLED = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^@./][^/]*$|\/node_modules\/\.store\/[^/]+\/package$/;

type Manifest = PackageNeeds & { readonly workspaces?: unknown };

/**
 * Whether a path is left out, with all that lies below it.
 * @param prune false: nothing is
 * @throws `BuildFailed` where packages lie out of the application
 */
export async function unneededOf(
  root: string,
  entries: readonly TreeEntry[],
  prune: boolean,
): Promise<(path: string) => boolean> {
  const paths = new Set(entries.map((entry) => entry.path));
  const table = await tableIn(root, paths);
  const problem = table === null ? null : pnpProblem(table);
  if (problem !== null) throw fail('BuildFailed', problem);
  if (!prune || !hasDevelopmentDependencies(await packageFacts(root))) return () => false;
  const packages = await packagesIn(root, paths);
  const links = new Map(entries.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target]] : [])));
  const roots = await rootsOf(root, paths, packages);
  const unneeded = new Set([
    ...onlyForDevelopment({ paths, links, packages, roots }),
    ...(table === null ? [] : pnpOnlyForDevelopment(table, packages)),
  ]);
  return (name) => isUnder(name, unneeded);
}

/** @throws `BuildFailed` when there is one that nobody can read: what it leads to is not known then. */
async function tableIn(root: string, paths: ReadonlySet<string>): Promise<PnpTable | null> {
  if (!paths.has(PNP_FILE)) return null;
  const name = paths.has(PNP_DATA) ? PNP_DATA : PNP_FILE;
  const text = await plainText(path.join(root, name), LONGEST_TABLE).catch((cause: unknown) => {
    throw fail('BuildFailed', `${name} cannot be read: ${wordsOf(cause)}`, { cause });
  });
  const table = pnpTable(text);
  if (table !== null) return table;
  const next = 'use nodeLinker: node-modules in .yarnrc.yml, or remove it if nothing uses it';
  throw fail('BuildFailed', `${name} holds no table of packages that mvca can read. Next: ${next}`);
}

/** Every package of the application's own and every installed one, by its folder. */
async function packagesIn(root: string, paths: ReadonlySet<string>): Promise<ReadonlyMap<string, Manifest>> {
  const folders = [...paths].flatMap((name) => {
    if (!/(?:^|\/)package\.json$/.test(name)) return [];
    const folder = path.posix.dirname(name).replace(/^\.$/, '');
    return INSTALLED.test(folder) || !/(?:^|\/)node_modules(?:\/|$)/.test(folder) ? [folder] : [];
  });
  const found = new Map<string, Manifest>();
  for (let at = 0; at < folders.length; at += TOGETHER) {
    const some = folders.slice(at, at + TOGETHER);
    const read = await Promise.all(some.map((folder) => manifestIn(path.join(root, folder))));
    some.forEach((folder, index) => found.set(folder, read[index] ?? {}));
  }
  return found;
}

/** One that is no package.json needs nothing: the tests went well with it. */
async function manifestIn(folder: string): Promise<Manifest> {
  const text = await plainText(path.join(folder, 'package.json'), LONGEST_PACKAGE).catch(() => '{}');
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch {
    return {};
  }
}

async function rootsOf(
  root: string,
  paths: ReadonlySet<string>,
  packages: ReadonlyMap<string, Manifest>,
): Promise<readonly string[]> {
  const pnpm = paths.has('pnpm-workspace.yaml') ? await pnpmPatterns(path.join(root, 'pnpm-workspace.yaml')) : null;
  const own = [...packages.keys()].filter((folder) => !INSTALLED.test(folder));
  return workspacesOf(own, (folder) =>
    folder === '' && pnpm !== null ? pnpm : textsOf(workspacesIn(packages.get(folder)?.workspaces)),
  );
}

/** A list, or `{ packages: […] }`. */
const workspacesIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'packages' in value ? value.packages : value;

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

async function pnpmPatterns(file: string): Promise<readonly string[]> {
  try {
    return textsOf(workspacesIn(parse(await plainText(file, LONGEST_PACKAGE))));
  } catch (cause) {
    throw fail('BuildFailed', `pnpm-workspace.yaml cannot be read: ${wordsOf(cause)}. Next: repair it`, { cause });
  }
}

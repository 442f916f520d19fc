/** Packs a built application: without development dependencies, without leftovers, the same bytes for the same files. */
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import {
  danglingLinks,
  isIncluded,
  isLeftOut,
  missingOf,
  packingProblem,
  plainInclude,
} from '../../domain/build/packaged';
import { hasDevelopmentDependencies, packageManagerOf } from '../../domain/build/package-manager';
import { shown } from '../../domain/source/paths';
import type { BuildSpec } from '../../domain/spec/spec';
import { succeeded } from '../../system/run-command';
import { readTree, type TreeEntry } from '../../system/tree';
import type { ArtifactStore } from '../artifact-store';
import { fail, wordsOf } from '../failure';
import { createIgnoreRules } from '../ignore-rules';
import { fileEntry, packTar, packZip, type PackEntry } from '../pack';
import type { Workbench } from '../workshop';
import { commandFailure } from './bench';
import { packageFacts, runnable } from './install';
import type { WorkFolder } from './work-folder';
import { ifMissing } from '../../system/missing';

const MOST_WARNINGS = 5;

export interface Packing {
  readonly folder: WorkFolder;
  readonly bench: Workbench;
  readonly build: BuildSpec;
  readonly artifacts: ArtifactStore;
  /** What package managers see. */
  readonly variables: Readonly<Record<string, string>>;
  readonly remainingMs: () => number;
}

export interface Packed {
  readonly digest: string;
  readonly bytes: number;
  readonly files: number;
  readonly warnings: readonly string[];
}

/** @throws `BuildFailed` when something that is asked for is missing, or cannot be packed. */
export async function packBuilt(packing: Packing): Promise<Packed> {
  const { folder, bench, build, artifacts } = packing;
  const root = (await isPruned(packing)) ? await prune(packing) : folder.tree;
  bench.report.doing(`packing the ${build.artifact.kind}`);
  const { entries, warnings } = await choose(root, plainInclude(build.artifact.include));
  const content = build.artifact.kind === 'tar' ? packTar(entries) : packZip(entries);
  const stored = await artifacts.put(build.artifact.kind, content).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined) throw error;
    throw fail('BuildFailed', `the application cannot be packed: ${wordsOf(error)}`, { cause: error });
  });
  await rm(folder.stage, { recursive: true, force: true });
  return { ...stored, files: entries.filter((entry) => entry.kind !== 'folder').length, warnings };
}

async function isPruned({ folder, build }: Packing): Promise<boolean> {
  if (!build.artifact.prune) return false;
  const include = plainInclude(build.artifact.include);
  const installed = await stat(path.join(folder.tree, 'node_modules')).catch(ifMissing(null));
  if (installed === null || !isIncluded('node_modules', include)) return false;
  return hasDevelopmentDependencies(await packageFacts(folder.tree));
}

/** Makes a copy and lets the application's own package manager take the development dependencies out of it. */
async function prune({ folder, bench, variables, remainingMs }: Packing): Promise<string> {
  const manager = packageManagerOf(await packageFacts(folder.tree));
  if (manager === null) return folder.tree;
  bench.report.doing('copying the application, to take development dependencies out of the copy');
  await rm(folder.stage, { recursive: true, force: true });
  await copyTree(folder.tree, folder.stage);
  const argv = await runnable(manager.prune, manager.fetched);
  const command = { argv, variables, timeoutMs: remainingMs(), log: 'prune', folder: folder.stage, registry: true };
  const result = await bench.run(command);
  if (!succeeded(result)) throw await commandFailure(command, result, folder);
  return folder.stage;
}

async function copyTree(from: string, to: string): Promise<void> {
  const entries = await readTree(from, (relative) => isLeftOut(relative) && !relative.endsWith('.modules.yaml'));
  await mkdir(to, { recursive: true });
  for (const entry of entries) if (entry.kind === 'folder') await mkdir(path.join(to, entry.path), { recursive: true });
  for (let at = 0; at < entries.length; at += 32)
    await Promise.all(entries.slice(at, at + 32).map((entry) => copy(entry, from, to)));
}

async function copy(entry: TreeEntry, from: string, to: string): Promise<void> {
  const place = path.join(to, entry.path);
  if (entry.kind === 'link') return symlink(entry.target, place);
  if (entry.kind !== 'file') return;
  await copyFile(path.join(from, entry.path), place, constants.COPYFILE_FICLONE);
  await chmod(place, entry.mode);
}

async function choose(root: string, include: readonly string[]): Promise<{ entries: PackEntry[]; warnings: string[] }> {
  const rules = createIgnoreRules(root, ['.mvcaignore']);
  const all = await readTree(
    root,
    async (relative, isFolder) => isLeftOut(relative) || (await rules(relative, isFolder)),
  );
  const paths = new Set(all.map((entry) => entry.path));
  const missing = missingOf(include, paths);
  if (missing.length > 0) {
    const names = missing.map(shown).join(', ');
    throw fail(
      'BuildFailed',
      `\`build.artifact.include\` names what the build did not make: ${names}. Next: correct it, or the build`,
    );
  }
  const chosen = all.filter((entry) => isIncluded(entry.path, include));
  const links = new Map(all.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target] as const] : [])));
  const others = chosen.flatMap((entry) =>
    entry.kind === 'other' ? [`${shown(entry.path)} is a ${entry.what} and is left out`] : [],
  );
  const packed = chosen.filter((entry) => entry.kind !== 'other');
  const problem = packingProblem(
    packed.map((entry) => entry.path),
    links,
  );
  if (problem !== null) throw fail('BuildFailed', problem);
  if (!packed.some((entry) => entry.kind === 'file'))
    throw fail('BuildFailed', 'nothing is left to pack. Next: see `build.artifact.include` and .mvcaignore');
  const dangling = danglingLinks(links, paths, new Set(packed.map((entry) => entry.path)));
  return {
    entries: packed.map((entry) => (entry.kind === 'file' ? fileEntry(root, entry) : entry)),
    warnings: [...others, ...dangling].slice(0, MOST_WARNINGS),
  };
}

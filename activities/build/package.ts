/** Packs a built application: without development dependencies, without leftovers, the same bytes for the same files. */
import {
  danglingLinks,
  isIncluded,
  isLeftOut,
  missingOf,
  packingProblem,
  plainInclude,
} from '../../domain/build/packaged';
import { shown } from '../../domain/source/paths';
import type { BuildSpec } from '../../domain/spec/spec';
import { readTree } from '../../system/tree';
import type { ArtifactStore } from '../artifact-store';
import { fail, wordsOf } from '../failure';
import { createIgnoreRules } from '../ignore-rules';
import { fileEntry, packTar, packZip, type PackEntry } from '../pack';
import type { Workbench } from '../workshop';
import { unneededOf } from './development';
import type { WorkFolder } from './work-folder';

const MOST_WARNINGS = 5;

export interface Packing {
  readonly folder: WorkFolder;
  readonly bench: Workbench;
  readonly build: BuildSpec;
  readonly artifacts: ArtifactStore;
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
  bench.report.doing(`packing the ${build.artifact.kind}`);
  const { entries, warnings } = await choose(folder.tree, build.artifact);
  const content = build.artifact.kind === 'tar' ? packTar(entries) : packZip(entries);
  const stored = await artifacts.put(build.artifact.kind, content).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined) throw error;
    throw fail('BuildFailed', `the application cannot be packed: ${wordsOf(error)}`, { cause: error });
  });
  return { ...stored, files: entries.filter((entry) => entry.kind !== 'folder').length, warnings };
}

async function choose(
  root: string,
  artifact: BuildSpec['artifact'],
): Promise<{ entries: PackEntry[]; warnings: string[] }> {
  const include = plainInclude(artifact.include);
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
  const isUnneeded = await unneededOf(root, all, artifact.prune);
  const chosen = all.filter(({ path: name }) => isIncluded(name, include) && !isUnneeded(name));
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

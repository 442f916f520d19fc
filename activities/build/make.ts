/** Unpacks, installs, builds and packs a source, once for the same inputs. */
import { performance } from 'node:perf_hooks';
import path from 'node:path';
import { packageManagerOf } from '../../domain/build/package-manager';
import type { Command } from '../../domain/spec/spec';
import { contentFile, digestOfFile } from '../../system/content-store';
import { ifMissing } from '../../system/missing';
import { succeeded } from '../../system/run-command';
import type { Build } from '../artifact-store';
import type { SourceRequest } from '../contract';
import { fail } from '../failure';
import { unpackArchive } from '../unpack';
import type { BenchCommand, Workbench } from '../workshop';
import { commandFailure } from './bench';
import { putBack, takeApart } from './apart';
import { giveFile } from './box';
import { DISK_NEXT, refuseFullDisk } from './disk';
import { cacheFolder, installOf, installVariables, outsideInstall, packageFacts } from './install';
import { packBuilt } from './package';
import type { BuildDeps } from './port';
import { precompress } from './precompress';
import { clearFolder, isStamped, writeStamp, type WorkFolder } from './work-folder';

export interface Making {
  readonly deps: BuildDeps;
  readonly request: SourceRequest;
  readonly folder: WorkFolder;
  readonly bench: Workbench;
}

/**
 * The built tree, and what it gave. It is packed right after the build and before anything else runs in it, so that no test can leave
 * something in the artifact. The folder must be held.
 */
export async function ensureBuilt(making: Making): Promise<Build> {
  const { deps, request, folder } = making;
  const { inputs } = request.snapshot;
  const known = await deps.artifacts.find(inputs);
  const open = () => snapshotFile(deps, request);
  try {
    if (known !== null && (await isStamped(folder, inputs))) {
      await putBack(request.snapshot, folder, open);
      return known;
    }
    await clearFolder(folder);
    const build = await make(making, known);
    await writeStamp(folder, inputs);
    await putBack(request.snapshot, folder, open);
    return build;
  } catch (error) {
    await clearFolder(folder);
    throw await diskWords(error, folder);
  }
}

/** @param known what these inputs gave before: then only the tree is made again. */
async function make({ deps, request, folder, bench }: Making, known: Build | null): Promise<Build> {
  const { snapshot, build } = request;
  const begun = performance.now();
  const remainingMs = () => build.timeoutMs - (performance.now() - begun);
  await unpackSnapshot(deps, request, { folder, bench });
  const facts = await packageFacts(folder.tree);
  const manager = packageManagerOf(facts)?.name ?? null;
  const install = await installOf(facts, build.install);
  const run = createRunner({ bench, folder, remainingMs, timeoutMs: build.timeoutMs });
  const installed = { ...installVariables(cacheFolder(deps.home, request.app), facts), ...build.variables };
  if (manager === 'npm') {
    const outside = await outsideInstall(deps.home, folder.tree, (file) => giveFile(folder, file));
    await run(outside, 'outside', { variables: installed, registry: true });
  }
  await run(install.commands, 'install', { variables: installed, registry: true, network: build.network !== 'none' });
  await run(build.command, 'build', { variables: build.variables, network: build.network === undefined });
  await precompress(folder.tree, build.static, bench.report);
  if (known !== null) return known;
  const doubt = await deps.artifacts.doubt(snapshot.inputs);
  const packed = await packBuilt({ folder, bench, build, artifacts: deps.artifacts });
  const made: Build = {
    format: 1,
    inputs: snapshot.inputs,
    digest: packed.digest,
    kind: build.artifact.kind,
    files: packed.files,
    bytes: packed.bytes,
    seconds: (performance.now() - begun) / 1_000,
    warnings: [...(doubt === null ? [] : [doubt]), ...install.warnings, ...packed.warnings],
    taken: false,
  };
  await deps.artifacts.note(made);
  return made;
}

async function unpackSnapshot(
  deps: BuildDeps,
  request: SourceRequest,
  { folder, bench }: Pick<Making, 'folder' | 'bench'>,
): Promise<void> {
  const { snapshot } = request;
  bench.report.doing(`unpacking the source of ${snapshot.version}`);
  await refuseFullDisk(deps.home.work, snapshot.bytes);
  await unpackArchive(await snapshotFile(deps, request), 'tar', folder.tree);
  await takeApart(snapshot, folder);
}

/** @throws `NoSource` */
async function snapshotFile(deps: BuildDeps, { snapshot }: SourceRequest): Promise<string> {
  const file = contentFile(path.join(deps.home.store, 'snapshots'), snapshot.digest, 'tar');
  const digest = await digestOfFile(file).catch(ifMissing(null));
  if (digest === snapshot.digest) return file;
  const what = digest === null ? 'is not on this machine' : 'is damaged';
  throw fail('NoSource', `the source ${snapshot.digest} ${what} (${file}). Next: deploy again, which takes it anew`);
}

interface RunnerParts {
  readonly bench: Workbench;
  readonly folder: WorkFolder;
  readonly remainingMs: () => number;
  readonly timeoutMs: number;
}

/** Runs commands one after another; all share one time limit. */
function createRunner({ bench, folder, remainingMs, timeoutMs }: RunnerParts) {
  return async (
    commands: readonly Command[],
    log: string,
    how: Pick<BenchCommand, 'variables' | 'registry' | 'network'>,
  ): Promise<void> => {
    for (const [index, argv] of commands.entries()) {
      const name = index === 0 ? log : `${log}-${index + 1}`;
      const command = { ...how, argv, timeoutMs: remainingMs(), log: name };
      const result = await bench.run(command);
      if (result.end === 'timed-out') {
        const next = 'raise build.timeout, or find out by the output what it waits for';
        throw fail(
          'BuildFailed',
          `${(await commandFailure(command, result, folder)).message}\nInstall and build together may take ${timeoutMs / 1_000} s. Next: ${next}`,
        );
      }
      if (!succeeded(result)) throw await commandFailure(command, result, folder);
    }
  };
}

async function diskWords(error: unknown, folder: WorkFolder): Promise<unknown> {
  if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '')) return error;
  return fail('BuildFailed', `the disk of ${folder.root} became full while the application was built. ${DISK_NEXT}`, {
    cause: error,
  });
}

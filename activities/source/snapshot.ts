/** Takes the source of an application by digest. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { inputsText } from '../../domain/build/inputs';
import type { Snapshot } from '../../domain/source';
import { linkProblem } from '../../domain/source/links';
import { isWithin, pathProblem, shown } from '../../domain/source/paths';
import { chooseVersion } from '../../domain/source/version';
import { digestOfText, storeContent } from '../../system/content-store';
import { GitError } from '../../system/git';
import type { Home } from '../../system/home';
import { SANDBOX_NEXT, sandboxProblem } from '../../system/sandbox/sandbox';
import { byPath } from '../../system/tree';
import type { SnapshotRequest } from '../contract';
import { diskWords, fail, wordsOf } from '../failure';
import { keepOutsidePackages } from '../outside-packages';
import { packTar, UnreadableEntry, type PackEntry } from '../pack';
import { noteUse, tidyStore } from '../store-retention';
import { fromFolder } from './from-folder';
import { fromGit } from './from-git';
import { historyOf } from './history';
import { SPEC_FILE } from './source';
import { openRepository } from './repository';
import { seenByBuild } from './seen-by-build';
import type { Source } from './source';

/**
 * @param deployment workflow id of the deployment that will use it; null: nobody will (a plan).
 * @throws `NoSource`, `DirtySource`, `UnsafeSource`, `PlanRefused` (a version that cannot be one).
 */
export async function takeSnapshot(home: Home, request: SnapshotRequest, deployment: string | null): Promise<Snapshot> {
  await refuseNoFolder(request.directory);
  const source = await findSource(home, request).catch((error: unknown) => {
    throw sourceWords(error, request.directory);
  });
  try {
    const entries = checked(source.entries, request.directory);
    const stored = await storeContent(path.join(home.store, 'snapshots'), 'tar', packTar(entries));
    const facts = {
      given: request.version,
      tags: source.tags,
      commit: source.commit,
      digest: stored.digest,
      dirty: source.dirty,
    };
    const choice = chooseVersion(facts);
    if (choice.kind === 'refused') throw fail('PlanRefused', choice.problem);
    const packages = await keepOutsidePackages(home, request.directory);
    const { commit } = source;
    const { version, tag } = choice;
    const { build, git } = request;
    const { apart, digest: files, ...told } = await seenByBuild(source, request, { stored, tag });
    const inputs = digestOfText(inputsText({ ...machine(), snapshot: files, build, git, ...told }));
    if (deployment !== null) await noteUse(home, { deployment, snapshot: stored.digest, inputs, packages });
    return {
      digest: stored.digest,
      inputs,
      version,
      commit,
      tag,
      ...(apart === null ? {} : { apart, told }),
      dirty: source.dirty,
      files: entries.length,
      bytes: entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0),
      warnings: [...source.warnings, ...(await tidied(home)), ...(await unconfined())],
    };
  } catch (error) {
    throw diskWords(sourceWords(error, request.directory), `the source cannot be kept in ${home.root}`);
  } finally {
    await source.close();
  }
}

/** What git or the folder does not give is not there the next time either; whatever else was thrown stays as it is. */
function sourceWords(error: unknown, directory: string): unknown {
  if (error instanceof GitError) return fail('NoSource', `git cannot read the source: ${error.message}`);
  const denied = deniedIn(error, directory);
  if (denied === null) return error;
  const next = 'let the account that the engine runs as read it, or name it in .gitignore or .mvcaignore';
  return fail('NoSource', `the source in ${directory} cannot be taken: ${denied}. Next: ${next}`);
}

/** A file when it is packed, or a folder when it is looked through. */
function deniedIn(error: unknown, directory: string): string | null {
  if (error instanceof UnreadableEntry) return error.message;
  const { code = '', path: place } = error as NodeJS.ErrnoException;
  if (!['EACCES', 'EPERM'].includes(code) || place === undefined) return null;
  const name = path.relative(directory, place);
  return name.startsWith('..') ? null : `${shown(name)} cannot be read: permission denied`;
}

/** The source is taken on the machine that builds it. */
async function unconfined(): Promise<readonly string[]> {
  const problem = await sandboxProblem();
  if (problem === null) return [];
  const what = 'install, build and tests run as the account of the engine and see all that it sees';
  return [`${what}: there is no sandbox on this machine (${problem}). Next: ${SANDBOX_NEXT}`];
}

/** A store that cannot be tidied stops nothing, and is said. */
async function tidied(home: Home): Promise<readonly string[]> {
  try {
    await tidyStore(home);
    return [];
  } catch (error) {
    return [`${home.store} grows: what is no longer needed cannot be removed: ${wordsOf(error)}`];
  }
}

const machine = () => ({ node: process.version, platform: process.platform, architecture: process.arch });

async function refuseNoFolder(directory: string): Promise<void> {
  if (!path.isAbsolute(directory))
    throw fail('NoSource', `the source's folder must be absolute, and is ${shown(directory)}`);
  const stats = await stat(directory).catch((cause: unknown) => {
    throw fail('NoSource', `there is no folder ${directory} on the machine that builds. Next: check the path`, {
      cause,
    });
  });
  if (!stats.isDirectory())
    throw fail('NoSource', `${directory} is not a folder. Next: name the folder that holds the application`);
}

async function findSource(home: Home, request: SnapshotRequest): Promise<Source> {
  const { directory } = request;
  const ours = path.relative(directory, home.root);
  const leavesOut = (relative: string) => !ours.startsWith('..') && ours !== '' && isWithin(relative, ours);
  const repository = await openRepository(directory);
  if (repository === null) {
    if (!request.git) return fromFolder(directory, leavesOut);
    throw fail('NoSource', `\`source.git\` needs a git repository, and ${directory} is in none. Next: set it to false`);
  }
  const { dirty, specMayDiffer = false, file = SPEC_FILE } = request;
  const source = await fromGit({ directory, repository, dirty, mayDiffer: specMayDiffer ? file : null, leavesOut });
  if (!request.git) return source;
  const history = await historyOf(repository, home.work).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const close = async () => void (await Promise.all([source.close(), history.close()]));
  return { ...source, entries: [...history.entries, ...source.entries].sort(byPath), close };
}

/** Refuses what leaves the tree. */
function checked(entries: readonly PackEntry[], directory: string): readonly PackEntry[] {
  if (entries.length === 0)
    throw fail('NoSource', `${directory} holds no file. Next: name the folder that holds the application`);
  const links = new Map(
    entries.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target] as const] : [])),
  );
  for (const entry of entries) {
    const problem = pathProblem(entry.path) ?? (entry.kind === 'link' ? linkProblem(entry.path, links) : null);
    if (problem === null) continue;
    const next = entry.kind === 'link' ? 'replace the link by what it leads to, or remove it' : 'rename or remove it';
    throw fail('UnsafeSource', `${shown(entry.path)} is refused: ${problem}. Next: ${next}`);
  }
  return entries;
}

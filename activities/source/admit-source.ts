/** Whether a folder is one whose commands may be run here, and what the spec in it says, read anew: whoever asks may have written anything. */
import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { firstDifference } from '../../domain/spec/difference';
import { formatProblem } from '../../domain/spec/format-problem';
import { parseSpec } from '../../domain/spec/parse';
import type { Spec } from '../../domain/spec/spec';
import type { AdmittedSource } from '../contract';
import { fail, wordsOf } from '../failure';
import { repositoryId } from './repository-id';

/** As much as the parser takes, in UTF-8. */
const LARGEST_BYTES = 4_000_000;
const WORLD_WRITABLE = 0o002;
const PROBLEMS = 5;

/** How the spec of a folder is read; a stand-in for tests of what comes after it. */
export type ReadSpec = (source: { readonly directory: string; readonly file: string }, asked: Spec) => Promise<Spec>;

/** @throws `InvalidSpec`, `NoSource` */
export async function admitSource(
  source: { readonly directory: string; readonly file: string },
  asked: Spec,
  read: ReadSpec = readSpec,
): Promise<AdmittedSource> {
  const spec = await read(source, asked);
  return { spec, repository: await repositoryId(source.directory) };
}

/** The spec that stands in the folder, when it is what was asked for. @throws `InvalidSpec`, `NoSource` */
export const readSpec: ReadSpec = async ({ directory, file }, asked) => {
  if (!path.isAbsolute(directory) || path.resolve(directory) !== directory)
    throw invalid(`the folder must be an absolute path without . and .., and is ${JSON.stringify(directory)}`);
  if (path.basename(file) !== file || file.startsWith('.') || file === '')
    throw invalid(`the spec must be a file of the folder itself, and is ${JSON.stringify(file)}`);
  await refuseForeign(await realpath(directory).catch((cause: unknown) => noFolder(directory, cause)));
  const whole = path.join(directory, file);
  const parsed = parseSpec(await textOf(whole), file);
  if (!parsed.ok)
    throw invalid(`${whole} is wrong: ${parsed.problems.slice(0, PROBLEMS).map(formatProblem).join('; ')}`);
  const difference = firstDifference(parsed.spec, asked);
  if (difference === null) return parsed.spec;
  throw invalid(
    `what was asked for is not what ${whole} says (${difference}): the file was changed meanwhile, or the request was not made by mvca. ` +
      'Next: ask again with mvca deploy',
  );
};

/** Whoever can write there decides what runs as this account. */
async function refuseForeign(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (!isTrusted(uid))
    throw invalid(
      `${folder} belongs to the account with the number ${uid}, whose commands would run as number ${process.getuid?.()}. ` +
        'Next: deploy as that account, or from a folder of your own',
    );
  if ((mode & WORLD_WRITABLE) !== 0)
    throw invalid(`everybody may write to ${folder}, and what lies there would run. Next: chmod o-w ${folder}`);
}

const isTrusted = (uid: number): boolean => uid === 0 || process.getuid === undefined || uid === process.getuid();

/** Of a file itself, never of what a link leads to. */
async function textOf(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      throw invalid(`${file} cannot be read as a file (${wordsOf(cause)}): a deployment needs its spec in the folder`);
    },
  );
  try {
    const { size, uid, mode } = await handle.stat().then((stats) => {
      if (stats.isFile()) return stats;
      throw invalid(`${file} is not a file`);
    });
    if (size > LARGEST_BYTES) throw invalid(`${file} has ${size} bytes; a spec has at most ${LARGEST_BYTES}`);
    if (!isTrusted(uid) || (mode & WORLD_WRITABLE) !== 0)
      throw invalid(`${file} can be changed by other accounts, and what it says would run. Next: make it your own`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

const invalid = (message: string): Error => fail('InvalidSpec', message);

function noFolder(directory: string, cause: unknown): never {
  throw fail('NoSource', `there is no folder ${directory} on the machine that builds. Next: check the path`, { cause });
}

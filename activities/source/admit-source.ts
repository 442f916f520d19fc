/** Whether a folder is one whose commands may be run here, and what the spec in it says, read anew: whoever asks may have written anything. */
import path from 'node:path';
import { firstDifference } from '../../domain/difference';
import { LONGEST_SPEC } from '../../domain/spec/document';
import { formatProblem } from '../../domain/spec/format-problem';
import { parseSpec } from '../../domain/spec/parse';
import type { Spec } from '../../domain/spec/spec';
import { readPlainFile } from '../../system/plain-file';
import type { AdmittedSource } from '../contract';
import { fail, wordsOf } from '../failure';
import { repositoryId } from './repository-id';
import { isTrusted, trustedFolder, type Owners } from './trusted-folder';

const WORLD_WRITABLE = 0o002;
const PROBLEMS = 5;

export interface SpecPlace {
  readonly directory: string;
  /** Name of the file in it. */
  readonly file: string;
  readonly owners: Owners;
}

export interface ReadSpecAnew {
  readonly spec: Spec;
  /** Where the source is taken from: the folder without links. */
  readonly directory: string;
}

/** How the spec of a folder is read; a stand-in for tests of what comes after it. */
export type ReadSpec = (place: SpecPlace, asked: Spec) => Promise<ReadSpecAnew>;

/** @throws `InvalidSpec`, `NoSource` */
export async function admitSource(
  place: SpecPlace,
  asked: Spec,
  read: ReadSpec = readSpec,
): Promise<AdmittedSource & Pick<ReadSpecAnew, 'directory'>> {
  const { spec, directory } = await read(place, asked);
  return { spec, directory, repository: await repositoryId(directory) };
}

/** The spec that stands in the folder, when it is what was asked for. @throws `InvalidSpec`, `NoSource` */
export const readSpec: ReadSpec = async ({ directory: named, file, owners }, asked) => {
  if (path.basename(file) !== file || file === '')
    throw invalid(`the spec must be a file of the folder itself, and is ${JSON.stringify(file)}`);
  const directory = await trustedFolder(named, owners);
  const whole = path.join(directory, file);
  const parsed = parseSpec(await textOf(whole, owners), file);
  if (!parsed.ok)
    throw invalid(`${whole} is wrong: ${parsed.problems.slice(0, PROBLEMS).map(formatProblem).join('; ')}`);
  const difference = firstDifference(parsed.spec, asked);
  if (difference === null) return { spec: parsed.spec, directory };
  throw invalid(
    `what was asked for is not what ${whole} says (${difference}): the file was changed meanwhile, or the request was not made by mvca. ` +
      'Next: ask again with mvca deploy',
  );
};

/** Of a file itself, never of what a link leads to. */
async function textOf(file: string, owners: Owners): Promise<string> {
  const read = await readPlainFile(file, LONGEST_SPEC).catch((cause: unknown) => {
    throw invalid(`${file} cannot be read (${wordsOf(cause)}): a deployment needs its spec in the folder`);
  });
  if (read.kind === 'refused') throw invalid(`${file} ${read.reason}`);
  if (isTrusted(read.uid, owners) && (read.mode & WORLD_WRITABLE) === 0) return read.text;
  throw invalid(`${file} can be changed by other accounts, and what it says would run. Next: make it your own`);
}

const invalid = (message: string): Error => fail('InvalidSpec', message);

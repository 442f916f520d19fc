/** Whether only the account that commands run as, root, and whom the worker's operator names decide what lies in a folder. */
import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { quotable } from '../../domain/command/quotable';
import { fail, wordsOf } from '../failure';

const WORLD_WRITABLE = 0o002;
/** In such a folder nobody renames or removes what belongs to others. */
const STICKY = 0o1000;
/** Of the worker's environment. */
const NUMBERS = 'MVCA_SOURCE_OWNERS';

/** Numbers of accounts beside the worker's own and root. */
export type Owners = readonly number[];

export const isTrusted = (uid: number, owners: Owners): boolean =>
  uid === 0 || process.getuid === undefined || uid === process.getuid() || owners.includes(uid);

/**
 * The folder without links: what is checked is what is read afterwards. Each folder above it decides as well, since whoever may write there
 * can put another in its place.
 * @throws `InvalidSpec`, `NoSource`
 */
export async function trustedFolder(directory: string, owners: Owners): Promise<string> {
  if (!path.isAbsolute(directory) || path.resolve(directory) !== directory)
    throw invalid(`the folder must be an absolute path without . and .., and is ${JSON.stringify(directory)}`);
  const folder = await realpath(directory).catch((cause: unknown) => noFolder(directory, cause));
  const place = await stat(folder);
  if (!isTrusted(place.uid, owners)) throw invalid(foreignWords(folder, place.uid));
  if ((place.mode & WORLD_WRITABLE) !== 0)
    throw invalid(
      `everybody may write to ${folder}, and what lies there would run. Next: chmod o-w ${quotable('path', folder) ?? 'and its path'}`,
    );
  for (const above of foldersAbove(folder)) await refuseAbove(above, folder, owners);
  return folder;
}

async function refuseAbove(above: string, folder: string, owners: Owners): Promise<void> {
  const { uid, mode } = await lstat(above).catch((cause: unknown) => {
    throw invalid(`${above}, above ${folder}, cannot be looked at: ${wordsOf(cause)}`);
  });
  const whose = isTrusted(uid, owners) ? null : `belongs to the account with the number ${uid}`;
  const open = (mode & WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0 ? 'may be written to by everybody' : null;
  if ((whose ?? open) === null) return;
  throw invalid(
    `${above} ${whose ?? open}, who could put another folder in the place of ${folder}, whose commands would run. ` +
      `Next: deploy from a folder below your own, or have the worker's operator name that account in ${NUMBERS}`,
  );
}

const foldersAbove = (folder: string): readonly string[] => {
  const above = path.dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
};

const foreignWords = (folder: string, uid: number): string =>
  `${folder} belongs to the account with the number ${uid}, whose commands would run as number ${process.getuid?.()}. ` +
  `Next: deploy as that account, or from a folder of your own; a worker's operator can trust it by ${NUMBERS}=${uid}`;

const invalid = (message: string): Error => fail('InvalidSpec', message);

function noFolder(directory: string, cause: unknown): never {
  throw fail('NoSource', `there is no folder ${directory} on the machine that builds. Next: check the path`, { cause });
}

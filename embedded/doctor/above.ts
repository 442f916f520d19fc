/** Whether another account could put another folder in the place of a home: who writes to a folder renames what is in it. */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifMissing } from '../../system/missing';

const WORLD_WRITABLE = 0o002;
/** In such a folder nobody renames what belongs to others. */
const STICKY = 0o1000;

/** The first folder above that somebody else decides over, in words; null: none. @throws the system's error for one that cannot be looked at. */
export async function decidedByOthers(root: string): Promise<string | null> {
  for (let folder = await nearest(root); path.dirname(folder) !== folder;) {
    folder = path.dirname(folder);
    const found = await lstat(folder).catch(ifMissing(null));
    if (found === null) continue; // made with the home
    const { uid, mode } = found;
    if (uid !== 0 && uid !== process.getuid?.()) return `${folder} belongs to the account with the number ${uid}`;
    if ((mode & WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0) return `${folder} may be written to by everybody`;
  }
  return null;
}

/** Without links; a home that is not there yet is made below the first folder that is. */
const nearest = (place: string): Promise<string> =>
  realpath(place)
    .catch(ifMissing(null))
    .then(async (found) => found ?? path.join(await nearest(path.dirname(place)), path.basename(place)));

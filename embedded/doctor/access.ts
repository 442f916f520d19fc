/** Who can reach Temporal: only whoever may enter the home, where keys and namespace are as they should be. */
import { stat } from 'node:fs/promises';
import type { Home } from '../../system/home';
import { accessFolder, clientKeys } from '../access/keys';
import { profileFile } from '../access/profile';
import { EngineRefusal } from '../engine';
import type { EngineState } from '../engine';
import { ALONE, chooseIsolation, REMEDY } from '../isolation';
import { processesOf } from '../processes';
import { failing, ok, warning } from './finding';
import type { Finding } from './finding';

export async function access(home: Home, state: EngineState | null): Promise<Finding> {
  try {
    if (await stat(accessFolder(home)).catch(() => null)) await clientKeys(home);
    const { kind } = await chooseIsolation(process.env);
    if (kind === 'none' || (state !== null && (await sharesOurs(home)))) {
      return warning(
        'access',
        `every account of this machine can command Temporal; ${ALONE} says that there is none`,
        REMEDY,
      );
    }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    return failing('access', error.message, 'do what the message says');
  }
  const reach = state === null ? '' : `; for the temporal program: TEMPORAL_CONFIG_FILE=${profileFile(home)}`;
  return ok('access', `Temporal runs in a network namespace, and takes the keys of the home only${reach}`);
}

/** Whether the server that runs is in the namespace of everybody else. */
async function sharesOurs(home: Home): Promise<boolean> {
  const pids = (await processesOf(home)).temporal.map(({ pid }) => String(pid));
  const [ours, ...theirs] = await Promise.all(['self', ...pids].map((pid) => stat(`/proc/${pid}/ns/net`)));
  return theirs.some(({ ino }) => ino === ours?.ino);
}

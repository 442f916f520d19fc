/** Every unit revives a dead keeper, as the keeper revives dead units. */
import { homeAt } from '../../system/home';
import { homeRootOf, isAnyUnitWanted, isKeeperAlive, keeperLock, startKeeper } from '../../system/keeper';
import { isLocked } from '../../system/lock';

const LOOK_MS = 500;

/**
 * Looks twice a second whether the keeper lives, and starts one when not. Called by every unit's main with its own folder.
 * Does nothing for a folder that lies in no home. Answers how to end it; it does not keep the process alive by itself.
 */
export function watchKeeper(directory: string): () => void {
  const root = homeRootOf(directory);
  if (root === null) return () => undefined;
  const home = homeAt(root);
  const timer = setInterval(() => {
    if (!isKeeperAlive(home) && isAnyUnitWanted(home) && !isLocked(keeperLock(home))) startKeeper(home);
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What runs: asked of the supervisor. */
import { AdminRefusal, askAdmin } from '../system/admin';
import { adminSocket } from '../system/home';
import type { Home } from '../system/home';
import { isLocked } from '../system/lock';
import type { EngineState, PartName } from './engine';
import { supervisorLock } from './places';

const ASK_MS = 5_000;
/** Worker 20 s, Temporal 10 s, PostgreSQL 20 s, and some to spare. */
const STOP_MS = 75_000;

/** null: no supervisor of this home takes questions. @throws Error when one is there and does not answer. */
export async function engineState(home: Home): Promise<EngineState | null> {
  try {
    return await askAdmin<EngineState>(await adminSocket(home.engine), 'GET', '/state', { timeoutMs: ASK_MS });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') return null;
    throw error;
  }
}

/** Stops the supervisor and all parts but the named ones, which go on by themselves. Repeatable. */
export async function stopSupervisor(home: Home, leave: readonly PartName[] = []): Promise<void> {
  try {
    await askAdmin(await adminSocket(home.engine), 'PUT', '/stop', { body: { leave }, timeoutMs: STOP_MS });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It was not there, or it ended before its answer was read; whether it is gone is seen by the lock.
    if (error instanceof AdminRefusal || (code !== 'ENOENT' && code !== 'ECONNREFUSED' && code !== 'ECONNRESET'))
      throw error;
  }
}

/** Whether a supervisor of this home lives, seen by its lock: it may live and not answer yet. */
export const isSupervised = (home: Home): boolean => isLocked(supervisorLock(home));

/** Notices at once when a process ends that is no child: the connection to its admin socket ends with it. */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminSocket } from '../../system/home';
import { livingProcess } from '../../system/keeper';
import { isLocked } from '../../system/lock';
import { isAlive } from '../../system/process-identity';
import { unitPidFile } from '../../system/units';

/** A killed process closes its connections, its lock and the last of its threads one after the other. */
const DYING_MS = 1_000;
const POLL_MS = 2;

/**
 * Resolves with true once the process of the unit in that folder has ended; with false when that cannot be told any more: it does
 * not answer, or has closed an idle connection, as servers do after a minute.
 */
export async function untilEnd(directory: string): Promise<boolean> {
  const identity = livingProcess(unitPidFile(directory));
  const socket = await adminSocket(directory).catch(() => null);
  if (identity === null || socket === null || !(await untilClosed(socket))) return false;
  const isThere = (): boolean => isAlive(identity) || isLocked(directory);
  for (const deadline = performance.now() + DYING_MS; isThere(); await sleep(POLL_MS)) {
    if (performance.now() > deadline) return false;
  }
  return true;
}

/** Answers whether there was a connection that could close. */
const untilClosed = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    let wasOpen = false;
    const connection = net.connect(socket, () => (wasOpen = true));
    connection.on('error', () => undefined).on('close', () => resolve(wasOpen));
    connection.resume().unref();
  });

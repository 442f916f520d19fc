/** The runners of the application and environment that a router serves, asked over their admin sockets. */
import path from 'node:path';
import type { RouterTable } from '../../domain/host/router';
import type { RunnerState } from '../../domain/host/runner';
import type { RunnerReading } from '../../domain/metrics/families';
import { askAdmin } from '../../system/admin';
import { adminSocket, homeAt, releaseFolder } from '../../system/home';
import { homeRootOf } from '../../system/keeper';
import { listUnits } from '../../system/units';

/** A runner that takes longer counts as one that does not answer: whoever asks for metrics waits for all of them. */
const ASK_MS = 500;

/** Every wanted runner beside the router in that folder; none where the folder lies in no home. */
export async function readRunners(
  directory: string,
  { app, environment }: Pick<RouterTable, 'app' | 'environment'>,
): Promise<readonly RunnerReading[]> {
  const root = homeRootOf(directory);
  if (root === null) return [];
  const home = homeAt(root);
  const units = await listUnits(home, () => undefined);
  const ours = units.filter(({ kind, directory: folder }) => {
    const release = path.basename(folder);
    return kind === 'runner' && folder === releaseFolder(home, app, environment, release);
  });
  return Promise.all(
    ours.map(async ({ directory: folder }) => ({ release: path.basename(folder), state: await ask(folder) })),
  );
}

async function ask(folder: string): Promise<RunnerState | null> {
  try {
    return await askAdmin<RunnerState>(await adminSocket(folder), 'GET', '/state', { timeoutMs: ASK_MS });
  } catch {
    return null; // away, starting or ending: that is what is told
  }
}

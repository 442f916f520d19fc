/** A server of a test, or of a process that it started, stands in for an instance: as its runner would, it is written down who listens on its port. */
import { releaseFolder, type Home } from '../../system/home';
import { writeInstances } from '../../system/instances';
import { identify } from '../../system/process-identity';

export async function recordInstance(home: Home, release: string, port: number, app = 'shop'): Promise<void> {
  const folder = releaseFolder(home, app, 'production', release);
  const own = identify(process.pid);
  await writeInstances(folder, [
    { instance: 0, port, process: own, launching: false, startedAt: Date.now(), restarts: 0, lastExit: null },
  ]);
}

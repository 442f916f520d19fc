/** A router whose disk takes nothing any more: its process may write no file, and everything else goes on. */
import { execFileSync } from 'node:child_process';
import { routerFolder, type Home } from '../../system/home';
import { livingProcess } from '../../system/keeper';
import { unitPidFile } from '../../system/units';

/** Answers what ends it. */
export function fillDisk(home: Home, app: string, environment: string): () => void {
  const router = livingProcess(unitPidFile(routerFolder(home, app, environment)));
  if (router === null) throw new Error(`no router of ${app} in ${environment} runs`);
  const limit = (soft: string): void =>
    void execFileSync('prlimit', ['--pid', String(router.pid), `--fsize=${soft}:unlimited`]);
  limit('1');
  return () => limit('unlimited');
}

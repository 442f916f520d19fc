/** The middle of a step that lasts, seen from outside: its command runs, its watch watches, its approval is waited for. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { Tier } from '../../../domain/words';
import type { Home } from '../../../system/home';
import { BUILD_SCRIPT, TESTS_SCRIPT, WATCH_MS } from './application';

interface Lasting {
  readonly environment: Tier | null;
  readonly step: string;
}

/** The tests are run in the folder of the build, which is made for them: `build` is under way within the step `tests`. */
export async function isUnderWay(
  home: Home,
  status: DeploymentStatus,
  { environment, step }: Lasting,
): Promise<boolean> {
  switch (step) {
    case 'build':
      return runsInWork(home, BUILD_SCRIPT);
    case 'tests':
      return runsInWork(home, TESTS_SCRIPT);
    case 'approval':
      return status.waitingFor?.kind === 'approval';
    case 'watch':
      return hasWatched(status, environment ?? 'production');
    default:
      throw new Error(`${step} is over too soon to be hit within it`);
  }
}

function hasWatched({ steps }: DeploymentStatus, environment: Tier): boolean {
  const begun = steps.find((event) => event.environment === environment && event.step === 'watch');
  return begun !== undefined && Date.now() - Date.parse(begun.at) > WATCH_MS[environment as keyof typeof WATCH_MS] / 2;
}

/** Whether a command with this argument runs in a work folder of the home. */
async function runsInWork(home: Home, argument: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.split('\0').includes(argument)) continue;
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => '')).startsWith(home.work)) return true;
  }
  return false;
}

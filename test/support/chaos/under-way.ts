/** The middle of a step that lasts, seen from outside: its command runs, its watch watches, its approval is waited for. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { Tier } from '../../../domain/words';
import type { Home } from '../../../system/home';
import { BUILD_SCRIPT, TESTS_SCRIPT, WATCH_MS } from './application';

const LOOK_MS = 10;
const BOUND_MS = 60_000;

interface Lasting {
  readonly environment: Tier | null;
  readonly step: string;
}

/** Steps that run a command. The tests run in the folder of the build, which is made for them: `build` is under way within `tests`. */
export const COMMANDS: Readonly<Record<string, string>> = { build: BUILD_SCRIPT, tests: TESTS_SCRIPT };

/** Whether a watch is in its midst, or an approval is waited for. */
export function isUnderWay({ steps, waitingFor }: DeploymentStatus, { environment, step }: Lasting): boolean {
  if (step === 'approval') return waitingFor?.kind === 'approval';
  if (step !== 'watch' || environment === null) throw new Error(`${step} is over too soon to be hit within it`);
  const begun = steps.find((event) => event.environment === environment && event.step === step);
  const lasts = environment === 'production' ? WATCH_MS.production : WATCH_MS.staging;
  return begun !== undefined && Date.now() - Date.parse(begun.at) > lasts / 2;
}

/** Waits until a command with this argument runs in a work folder of the home. It asks nobody, and so is not late. */
export async function untilRuns(home: Home, argument: string): Promise<void> {
  for (const deadline = Date.now() + BOUND_MS; !(await runsInWork(home, argument)); await pause(LOOK_MS))
    if (Date.now() > deadline) throw new Error(`\`${argument}\` was never seen running`);
}

async function runsInWork(home: Home, argument: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.split('\0').includes(argument)) continue;
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => '')).startsWith(home.work)) return true;
  }
  return false;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

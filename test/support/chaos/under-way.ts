/** The middle of a step that lasts, seen from outside: its command runs, its watch watches, its approval is waited for. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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
  for (const deadline = Date.now() + BOUND_MS; !runsInWork(home, argument); await pause(LOOK_MS))
    if (Date.now() > deadline) throw new Error(`\`${argument}\` was never seen running`);
}

/** Reads synchronously: some hundred files one after the other would take longer than the command runs. */
function runsInWork(home: Home, argument: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return argv.includes(argument) && readlinkSync(`/proc/${pid}/cwd`).startsWith(home.work);
    } catch {
      return false; // it ended between two looks
    }
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** When a freeze is in force: the windows of its cron pattern, in its time zone. */
import { Cron } from 'croner';
import { joined, type FreezeTime, type FreezeWindow } from '../../../domain/freezes/freeze';
import { formatDuration } from '../../../domain/units';
import { wordsOf } from '../../failure';

/** So many are shown. */
const WINDOWS = 5;
/** A pattern that comes due so often without a gap between its windows is taken to have none. */
const MOST_RUNS = 5_000;

export type Windows =
  | { readonly kind: 'windows'; readonly windows: readonly FreezeWindow[] }
  | { readonly kind: 'problem'; readonly problem: string };

/** The windows that are not over, five at most. Durations are elapsed time: over a change of the clock, 64h are 64 hours. */
export function windowsOf(time: FreezeTime, now: Date): Windows {
  if (time.kind === 'once') {
    const isOver = Date.parse(time.until) <= now.getTime();
    return { kind: 'windows', windows: isOver ? [] : [{ from: time.from, until: time.until }] };
  }
  try {
    return { kind: 'windows', windows: cronWindows(time, now) };
  } catch (error) {
    return { kind: 'problem', problem: `\`${time.cron}\` in ${time.timeZone}: ${wordsOf(error)}` };
  }
}

function cronWindows(
  { cron, durationMs, timeZone }: Extract<FreezeTime, { kind: 'cron' }>,
  now: Date,
): readonly FreezeWindow[] {
  const schedule = new Cron(cron, { timezone: timeZone, paused: true });
  const windows: FreezeWindow[] = [];
  // One that began before now may last until after it.
  let after = new Date(now.getTime() - durationMs - 1_000);
  for (let runs = 0; windows.length <= WINDOWS; runs += 1) {
    const begin = schedule.nextRun(after);
    if (begin === null || (runs >= MOST_RUNS && windows.length > 1)) break;
    if (runs >= MOST_RUNS)
      throw new Error(`it comes due again before ${formatDuration(durationMs)} are over, and would freeze for ever`);
    after = begin;
    const until = new Date(begin.getTime() + durationMs);
    if (until <= now) continue;
    windows.splice(0, windows.length, ...joined([...windows, window(begin, until)]));
  }
  return windows.slice(0, WINDOWS);
}

const window = (from: Date, until: Date): FreezeWindow => ({ from: from.toISOString(), until: until.toISOString() });

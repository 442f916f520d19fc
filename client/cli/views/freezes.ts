/** Freezes as people read them: which are in force, who made them and why, and the next windows. */
import type { FreezeStanding, FreezeView } from '../../../domain/freezes/freeze';
import { formatDuration } from '../../../domain/units';
import { line, part, type Line } from '../line';
import { ownTimeZone, windowWords } from '../moment';

const zoneOf = ({ time }: FreezeView): string => (time.kind === 'cron' ? time.timeZone : ownTimeZone());

const isOn = ({ windows: [first] }: FreezeView, nowMs: number): boolean =>
  first !== undefined && Date.parse(first.from) <= nowMs;

/** A freeze with all of its next windows. */
export function freezeLines(freeze: FreezeView, nowMs: number): readonly Line[] {
  const { id, app, by, reason, time, windows } = freeze;
  const on = isOn(freeze, nowMs);
  return [
    line(
      part(app ?? 'all applications', 'strong'),
      part(on ? '  frozen now' : '  planned', on ? 'warn' : 'plain'),
      `  ${reason}`,
      part(`  by ${by}, ${id}`, 'dim'),
    ),
    ...(time.kind === 'cron'
      ? [line(part(`  ${time.cron} for ${formatDuration(time.durationMs)}, ${time.timeZone}`, 'dim'))]
      : []),
    ...windows.map((window, index) => {
      const text = `  ${windowWords(window, zoneOf(freeze))}`;
      return index === 0 && on ? line(part(`${text}  now`, 'warn')) : line(text);
    }),
  ];
}

/** One line for each freeze: what is in force, or when it comes next. */
export function standingLines(standing: FreezeStanding | null, nowMs: number): readonly Line[] {
  if (standing === null) return [];
  if (standing.kind === 'unknown')
    return [line(part(`freeze    cannot be read, so production waits: ${standing.reason}`, 'warn'))];
  return standing.freezes.flatMap((freeze) => {
    const [first] = freeze.windows;
    if (first === undefined) return [];
    const { app, by, reason } = freeze;
    const what = `${windowWords(first, zoneOf(freeze))}, ${app ?? 'all applications'} by ${by}: ${reason}`;
    return isOn(freeze, nowMs)
      ? [line(part(`freeze    in force ${what}`, 'warn'))]
      : [line(part('freeze    ', 'dim'), `next ${what}`)];
  });
}

/** Times as people type and read them: on the clock of a time zone. */
import { Cron } from 'croner';
import type { FreezeWindow } from '../../domain/freezes/freeze';
import { Halt } from './halt';

const WALL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?$/;
const WITH_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)$/;

/** Where the reader is. */
export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Epoch milliseconds of `2026-11-27 16:00` on the clock of that zone, or of a time with an offset. @throws Halt */
export function readMoment(text: string, timeZone: string): number {
  if (WITH_ZONE.test(text)) return checked(text, Date.parse(text.replace(' ', 'T')));
  const [, day, time = '00:00', seconds = ':00'] = WALL.exec(text.trim()) ?? [];
  if (day === undefined) throw new Halt(`\`${text}\` is no time; ${EXPECTED}`);
  try {
    const moment = new Cron(`${day}T${time}${seconds}`, { timezone: timeZone, paused: true }).nextRun(new Date(0));
    return checked(text, moment?.getTime() ?? Number.NaN);
  } catch (error) {
    if (error instanceof Halt) throw error;
    throw new Halt(`\`${text}\` in ${timeZone} is no time: ${(error as Error).message}; ${EXPECTED}`);
  }
}

const EXPECTED = 'expected one such as 2026-11-27T16:00, or with an offset 2026-11-27T16:00+01:00';

function checked(text: string, ms: number): number {
  if (Number.isNaN(ms)) throw new Halt(`\`${text}\` is no time; ${EXPECTED}`);
  return ms;
}

/** `Fri 2026-11-27 16:00 to Mon 2026-11-30 08:00 (Europe/Berlin)`. */
export const windowWords = ({ from, until }: FreezeWindow, timeZone: string): string =>
  `${wallClock(from, timeZone)} to ${wallClock(until, timeZone)} (${timeZone})`;

function wallClock(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  const { weekday = '', year = '', month = '', day = '', hour = '', minute = '' } = parts;
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute}`;
}

/** Times, counts and states as people read them, in every document alike. */

/** An ISO time as `2026-11-23 14:03:22 UTC`; what is no ISO time is given as it is. */
export function clock(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso);
  return parts === null ? iso : `${parts[1] ?? ''} ${parts[2] ?? ''} UTC`;
}

/** So many seconds after an ISO time, as `2026-11-23 14:03:22 UTC`. */
export const laterBy = (seconds: number, iso: string): string =>
  clock(new Date(Date.parse(iso) + seconds * 1000).toISOString());

/** Seconds between two ISO times; null when one is none. */
export function secondsBetween(from: string, to: string): number | null {
  const span = Date.parse(to) - Date.parse(from);
  return Number.isNaN(span) ? null : span / 1000;
}

/** Seconds as `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `1 d 4 h`; `-` for null. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '-';
  if (seconds < 9.95) return `${Math.round(Math.max(0, seconds) * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return inUnits(whole, 60, ['min', 's']);
  const minutes = Math.round(whole / 60);
  if (minutes < 1_440) return inUnits(minutes, 60, ['h', 'min']);
  return inUnits(Math.round(minutes / 60), 24, ['d', 'h']);
}

function inUnits(value: number, size: number, [large, small]: readonly [string, string]): string {
  const rest = value % size;
  return `${Math.floor(value / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** A count with commas: `18,403`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Bytes as `512 B`, `1.4 MB` (powers of 1,000). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1_000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : Math.round(scaled * 10) / 10} ${units[power] ?? ''}`;
}

/** Milliseconds of an answer; `-` for null. */
export const milliseconds = (value: number | null): string =>
  value === null ? '-' : value >= 10_000 ? duration(value / 1000) : `${Math.round(value)} ms`;

/** A share in percent that is one already: `12 %`, `33.3 %`; `-` for null. */
export const share = (value: number | null): string => (value === null ? '-' : `${Math.round(value * 10) / 10} %`);

/** Such as `running, 2 instances`. */
export const stateWords = ({ state, instances }: { readonly state: string; readonly instances?: number }): string =>
  instances === undefined || instances === 0
    ? state
    : `${state}, ${instances} ${instances === 1 ? 'instance' : 'instances'}`;

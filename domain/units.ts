/** Durations, sizes and shares as people write them, with their unit, and back. */

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000 ** 2,
  GB: 1_000 ** 3,
  TB: 1_000 ** 4,
  KiB: 1_024,
  MiB: 1_024 ** 2,
  GiB: 1_024 ** 3,
  TiB: 1_024 ** 4,
};

const NUMBER = '\\d+(?:\\.\\d+)?';
const DURATION = new RegExp(`^(?:${NUMBER}(?:ms|s|m|h|d))+$`);
const DURATION_PART = new RegExp(`(${NUMBER})(ms|s|m|h|d)`, 'gy');
const SIZE = new RegExp(`^(${NUMBER})\\s?([KMGT]i?B|B)$`);
const SHARE = new RegExp(`^(${NUMBER})\\s?%$`);

/** Milliseconds of `250ms`, `30s`, `5m`, `24h`, `7d` or several in a row (`1h30m`); null when the text is none. */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null;
  const parts = [...text.matchAll(DURATION_PART)];
  return whole(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (MS[unit ?? ''] ?? 0), 0));
}

/** Bytes of `500KB` (1,000 each), `512MiB` (1,024 each) or `20B`; null when the text is none. */
export function parseSize(text: string): number | null {
  const [, count, unit] = SIZE.exec(text) ?? [];
  return unit === undefined ? null : whole(Number(count) * (BYTES[unit] ?? 0));
}

/** 0 to 1 for `0%` to `100%`; null when the text is none. */
export function parseShare(text: string): number | null {
  const percent = Number(SHARE.exec(text)?.[1] ?? Number.NaN);
  return percent <= 100 ? percent / 100 : null;
}

/** `90_000` ms as `1m30s`; days from two on, since people say 24h. Rounded to the millisecond. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  if (rest === 0) return '0s';
  if (rest < 0) return `-${formatDuration(-rest)}`;
  const units = Object.entries(MS).reverse();
  return units
    .filter(([unit]) => unit !== 'd' || rest >= 2 * (MS['d'] ?? 0))
    .map(([unit, length]) => {
      const count = Math.floor(rest / length);
      rest -= count * length;
      return count === 0 ? '' : `${count}${unit}`;
    })
    .join('');
}

/** Bytes in the largest unit in which they are a whole number, else with one decimal: `500KB`, `512MiB`, `1.2GB`. */
export function formatSize(bytes: number): string {
  const units = Object.entries(BYTES).sort(([, a], [, b]) => b - a);
  const exact = units.find(([, length]) => bytes >= length && bytes % length === 0);
  if (exact !== undefined && bytes / exact[1] < 10_000) return `${bytes / exact[1]}${exact[0]}`;
  const near = units.find(([unit, length]) => !unit.includes('i') && bytes >= length);
  return near === undefined ? `${bytes}B` : `${Math.round((bytes / near[1]) * 10) / 10}${near[0]}`;
}

/** A share between 0 and 1 in percent: `1%`, `0.5%`. */
export const formatShare = (share: number): string => `${Math.round(share * 1e8) / 1e6}%`;

const whole = (value: number): number | null => (Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null);

/** Numbers as people read them. */

/** `part` of `whole` in percent: `12 %`, `0.5 %`; `-` when there is no whole. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '-';
  const value = (part / whole) * 100;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100} %`;
}

/** The middle of a list; null when it is empty. */
export function median(values: readonly number[]): number | null {
  return share(values, 0.5);
}

/** The value below which `part` (0 to 1) of the list lies, by linear interpolation; null when it is empty. */
export function share(values: readonly number[], part: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

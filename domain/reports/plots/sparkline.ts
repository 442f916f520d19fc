/** A plot of one line of text. */

const BARS = '▁▂▃▄▅▆▇█';

/**
 * The values as bars of eight heights, at most `most` of them; of those that share a bar the highest counts, so that no peak is lost.
 * Where nothing was measured stands a dot.
 */
export function sparkline(values: readonly (number | null)[], top: number, most: number): string {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * values.length) / count);
    const known = values.slice(from, Math.floor(((bar + 1) * values.length) / count)).filter((value) => value !== null);
    return known.length === 0 ? '·' : barOf(Math.max(...known), top);
  }).join('');
}

function barOf(value: number, top: number): string {
  const height = top === 0 ? 0 : Math.ceil((value / top) * (BARS.length - 1));
  return BARS[Math.max(0, Math.min(BARS.length - 1, height))] ?? '';
}

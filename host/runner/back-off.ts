/** How long an instance that ended waits for its next start: 0.2 s, doubled up to 10 s; from the beginning after 30 s of running. */

const FIRST_MS = 200;
const MOST_MS = 10_000;
const STEADY_MS = 30_000;

/**
 * @param quick exits in a row before this one, each within 30 s of its start.
 * @param ranMs how long it ran this time.
 */
export function backOff(quick: number, ranMs: number): { readonly waitMs: number; readonly quick: number } {
  const before = ranMs >= STEADY_MS ? 0 : quick;
  return { waitMs: Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(before, 16)), quick: before + 1 };
}

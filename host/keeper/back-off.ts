/** When a unit that ended may be started again: at once, and later and later while it ends soon after each start. */

/** Seconds between a death and the next start, by the number of quick deaths in a row. */
const WAITS_MS = [0, 250, 500, 1_000, 2_000, 5_000] as const;
/** A unit that ran for so long did not die quickly. */
const QUICK_MS = 3_000;

export interface Deaths {
  readonly quick: number;
  /** Milliseconds on the clock of `afterDeath` before which it is not started again. */
  readonly notBefore: number;
}

export const NO_DEATHS: Deaths = { quick: 0, notBefore: -Infinity };

/** The state after a death at `at` of a process started at `startedAt` (both milliseconds on one steady clock; null: unknown, taken as long ago). */
export function afterDeath(before: Deaths, startedAt: number | null, at: number): Deaths {
  const wasQuick = startedAt !== null && at - startedAt < QUICK_MS;
  const quick = wasQuick ? before.quick + 1 : 1;
  const wait = WAITS_MS[Math.min(quick - 1, WAITS_MS.length - 1)] ?? 0;
  return { quick, notBefore: at + wait };
}

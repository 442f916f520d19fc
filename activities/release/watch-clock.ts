/** How long a watch has gone on. Somebody who sets the machine's clock meanwhile neither ends a watch nor prolongs it. */

export interface Clocks {
  /** Epoch milliseconds; may be set by people and by NTP. */
  readonly wall: () => number;
  /** Milliseconds since some moment; only ever goes on. */
  readonly steady: () => number;
}

const CLOCKS: Clocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Answers a function that tells the milliseconds since the watch began.
 * @param startedAt epoch milliseconds when it began; asked only now, for what went by before this attempt.
 * @param watchedMs what an earlier attempt had watched already: it never becomes less.
 */
export function watchClock(startedAt: number, watchedMs: number, { wall, steady }: Clocks = CLOCKS): () => number {
  const before = Math.max(0, watchedMs, wall() - startedAt);
  const begun = steady();
  return () => before + steady() - begun;
}

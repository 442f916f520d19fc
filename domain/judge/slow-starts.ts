/**
 * Slow answers are known late: when they come, or when they are overdue. Held against the good ones of that moment they would look like
 * too many as soon as the traffic ebbs, and like too few while everybody waits. So each is counted with those that were asked in the
 * same half second.
 */
import { addBlock, NO_EXCESS, type Excess } from './excess';

/** Answers that come in clumps: a process that stands still makes all of a moment slow at once. */
const GATHERED_MS = 500;
/** ln of what a half second may say at most: an alarm takes two of them. */
const MOST = 5;
/** So many half seconds are kept open for late ones; what is later counts for the oldest. */
const KEPT = 64;

interface Gathered {
  /** Beginning, milliseconds. */
  readonly from: number;
  readonly good: number;
  readonly bad: number;
}

export interface SlowStarts {
  /** From the oldest to the newest. */
  readonly gathered: readonly Gathered[];
  /** Counted as slow while they were overdue, and not answered yet. */
  readonly owed: number;
  /** Of all that is older. */
  readonly before: Excess;
}

export const NO_STARTS: SlowStarts = { gathered: [], owed: 0, before: NO_EXCESS };

/** Slow answers, and when they were asked for (milliseconds). */
export interface SlowAt {
  readonly at: number;
  readonly slow: number;
}

export interface Asked {
  readonly at: number;
  readonly answers: number;
  /** Answered slowly, or overdue since. */
  readonly slow: readonly SlowAt[];
}

/** After the answers of a moment. @param objective the greatest share of slow ones. */
export function addStarts(starts: SlowStarts, { at, answers, slow }: Asked, objective: number): SlowStarts {
  const slowNow = slow.reduce((sum, each) => sum + each.slow, 0);
  const good = Math.max(0, answers - slowNow - starts.owed);
  const owed = Math.max(0, starts.owed + slowNow - answers);
  const gathered = [...slow.map((each) => ({ at: each.at, good: 0, bad: each.slow })), { at, good, bad: 0 }]
    .filter((each) => each.good + each.bad > 0)
    .reduce(gather, starts.gathered);
  return closed({ ...starts, gathered, owed }, objective);
}

function gather(gathered: readonly Gathered[], { at, good, bad }: { at: number; good: number; bad: number }) {
  const oldest = gathered[0]?.from ?? -Infinity;
  const from = Math.max(oldest, Math.floor(at / GATHERED_MS) * GATHERED_MS);
  const found = gathered.findLastIndex((each) => each.from <= from);
  const there = gathered[found];
  if (there?.from !== from) return gathered.toSpliced(found + 1, 0, { from, good, bad });
  return gathered.with(found, { from, good: there.good + good, bad: there.bad + bad });
}

/** The oldest ones, where there are too many. */
function closed(starts: SlowStarts, objective: number): SlowStarts {
  const old = starts.gathered.slice(0, -KEPT);
  if (old.length === 0) return starts;
  return { ...starts, gathered: starts.gathered.slice(-KEPT), before: old.reduce(adding(objective), starts.before) };
}

/** Of the half seconds of which all is known by now: what was not answered in time is overdue. */
export function slowExcess({ gathered, before }: SlowStarts, now: number, { slow, responseMs }: Limits): Excess {
  return gathered.filter(({ from }) => from + GATHERED_MS + responseMs <= now).reduce(adding(slow), before);
}

interface Limits {
  readonly slow: number;
  readonly responseMs: number;
}

const adding =
  (objective: number) =>
  (excess: Excess, { good, bad }: Gathered): Excess =>
    addBlock(excess, { good, bad }, objective, MOST);

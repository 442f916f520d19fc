/** How long something will take, from how long it took before. */
import { median, share } from '../numbers';

/** Phase to the seconds that it took in earlier successful deployments of the application, newest first. */
export type PhaseTimes = Readonly<Record<string, readonly number[]>>;

export interface Forecast {
  readonly medianSeconds: number;
  /** Nine of ten took no longer. */
  readonly p90Seconds: number;
  /** Nineteen of twenty took no longer. Absent in states of older versions. */
  readonly p95Seconds?: number;
  /** How many deployments it was made from. */
  readonly from: number;
}

/** Of these phases one after the other, in seconds; null when one of them has no history. */
export function forecast(phases: readonly string[], history: PhaseTimes): Forecast | null {
  const runs = phases.map((phase) => history[phase] ?? []);
  if (runs.length === 0) return null;
  const from = Math.min(...runs.map((seconds) => seconds.length));
  const totals = Array.from({ length: from }, (_, run) => runs.reduce((sum, seconds) => sum + (seconds[run] ?? 0), 0));
  const [medianSeconds, p90Seconds, p95Seconds] = [median(totals), share(totals, 0.9), share(totals, 0.95)];
  if (medianSeconds === null || p90Seconds === null || p95Seconds === null) return null;
  return { medianSeconds, p90Seconds, p95Seconds, from };
}

/** With fewer deployments before, the longest of them is no mark for what takes unusually long. */
const LEAST_BEFORE = 5;

/** After so many seconds a phase takes unusually long; null: nothing can be said. */
export const lateAfter = ({ p95Seconds, from }: Forecast): number | null =>
  p95Seconds === undefined || from < LEAST_BEFORE ? null : p95Seconds;

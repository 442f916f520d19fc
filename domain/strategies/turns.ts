/** Instances of two releases, exchanged batch after batch: how many of each run after every turn, and the same way back. */
import type { StrategyStep } from './strategy';

/** How many instances of the old and of the new release serve. */
export interface Turn {
  readonly old: number;
  readonly fresh: number;
}

/**
 * One turn after another until all instances are the new release's. At every moment at least `min(old, fresh) - batch` serve and at most
 * `max(old, fresh)` run: old ones leave before new ones come. The old release keeps one until the last turn.
 * @param batch instances of the new release that come with each turn, fewer than all of them.
 */
export function turnsOf(old: number, fresh: number, batch: number): readonly Turn[] {
  const step = Math.max(1, Math.min(batch, fresh - 1));
  return Array.from({ length: Math.ceil(fresh / step) }, (_, index) => {
    const arrived = Math.min(fresh, (index + 1) * step);
    return { old: Math.ceil((old * (fresh - arrived)) / fresh), fresh: arrived };
  });
}

/** Percent of the traffic for the new release, so that each instance of both gets the same, to within rounding. */
export function percentOf({ old, fresh }: Turn): number {
  if (old === 0 || fresh === 0) return old === 0 ? 100 : 0;
  return Math.min(99, Math.max(1, Math.round((100 * fresh) / (old + fresh))));
}

/**
 * The way back from where it stands, in the steps of the way there: each gives the old release more instances, the last one all that it
 * had. `steps` are those of the plan.
 */
export function turnsBack(steps: readonly StrategyStep[], now: Turn): readonly Turn[] {
  let whole: number | null = null;
  const passed: Turn[] = [];
  for (const step of steps) {
    if (step.kind === 'make-room') whole = step.of;
    if (step.kind === 'start' && step.beside !== undefined)
      passed.push({ old: step.beside, fresh: step.instances ?? 0 });
    if (step.kind === 'replace') passed.push({ old: step.old, fresh: step.instances });
  }
  const beginning: Turn = { old: whole ?? passed[0]?.old ?? now.old, fresh: 0 };
  const between = passed.filter(({ old, fresh }) => old > now.old && old < beginning.old && fresh <= now.fresh);
  return [...between.reverse(), beginning];
}

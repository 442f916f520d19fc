/** Freezes: times in which no deployment begins to change production. Decisions only; when a cron comes due is worked out elsewhere. */
import type { Proof } from '../identity/statement';
import { formatDuration } from '../units';

/** Once, or again and again by a cron pattern in a time zone. Times are ISO. */
export type FreezeTime =
  | { readonly kind: 'once'; readonly from: string; readonly until: string }
  | { readonly kind: 'cron'; readonly cron: string; readonly durationMs: number; readonly timeZone: string };

export interface Freeze {
  readonly id: string;
  /** null: of all applications. */
  readonly app: string | null;
  readonly reason: string;
  readonly by: string;
  readonly madeAt: string;
  readonly time: FreezeTime;
}

/** ISO; `until` is the first moment that is free again. */
export interface FreezeWindow {
  readonly from: string;
  readonly until: string;
}

/** A freeze with the windows that are not over, at most five; the first may have begun. */
export interface FreezeView extends Freeze {
  readonly windows: readonly FreezeWindow[];
}

export interface FreezeInForce extends FreezeWindow, Pick<Freeze, 'id' | 'app' | 'reason' | 'by'> {}

/** What is known of an application's freezes now. Unknown is not free. */
export type FreezeStanding =
  | {
      readonly kind: 'known';
      readonly inForce: FreezeInForce | null;
      readonly freezes: readonly FreezeView[];
      /** Told to one that parks: how many do, itself among them. */ readonly parked?: number;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What is asked for: a freeze, or the end of some. */
export type FreezeChange =
  | {
      readonly kind: 'freeze';
      readonly app: string | null;
      readonly by: string;
      readonly reason: string;
      readonly time: FreezeTime;
    }
  | {
      readonly kind: 'unfreeze';
      /** Those of this application; null: those that were made for all. */
      readonly app: string | null;
      /** This one alone; null: each. */
      readonly id: string | null;
      readonly by: string;
      readonly reason: string | null;
      /** That this person ends it. */
      readonly proof?: Proof;
    };

/** What became of it. */
export interface FreezeAnswer {
  /** The freeze that was made, or those that were ended. */
  readonly changed: readonly FreezeView[];
  /** What is in force or planned now for the application (null: for all). */
  readonly freezes: readonly FreezeView[];
}

/** A deployment may wait as long. */
export const LONGEST_FREEZE_MS = 90 * 86_400_000;

/** What is wrong with the times of a freeze; null: nothing. @param nowMs epoch milliseconds */
export function freezeProblem(time: FreezeTime, windows: readonly FreezeWindow[], nowMs: number): string | null {
  const longest = formatDuration(LONGEST_FREEZE_MS);
  if (time.kind === 'once') {
    const [from, until] = [Date.parse(time.from), Date.parse(time.until)];
    if (Number.isNaN(from) || Number.isNaN(until)) return `\`${time.from}\` and \`${time.until}\` must be times`;
    if (until <= from) return `it would end at ${time.until}, before it begins at ${time.from}`;
    if (until <= nowMs) return `it would have ended already, at ${time.until}`;
    return until - from > LONGEST_FREEZE_MS ? `a freeze lasts at most ${longest}` : null;
  }
  if (time.durationMs <= 0) return 'its windows must last for some time, such as 64h';
  if (windows.length === 0) return `\`${time.cron}\` never comes due`;
  return time.durationMs > LONGEST_FREEZE_MS ? `a freeze lasts at most ${longest}` : null;
}

/** Windows that touch or overlap, made one. @param windows in the order of their begin */
export function joined(windows: readonly FreezeWindow[]): readonly FreezeWindow[] {
  const result: FreezeWindow[] = [];
  for (const window of windows) {
    const last = result.at(-1);
    if (last === undefined || Date.parse(window.from) > Date.parse(last.until)) result.push(window);
    else if (Date.parse(window.until) > Date.parse(last.until))
      result.splice(-1, 1, { from: last.from, until: window.until });
  }
  return result;
}

/** The freeze that holds an application at a moment: of several the one that ends last. @param nowMs epoch milliseconds */
export function inForce(freezes: readonly FreezeView[], app: string, nowMs: number): FreezeInForce | null {
  const holding = freezes
    .filter((freeze) => freeze.app === null || freeze.app === app)
    .flatMap(({ id, app: of, reason, by, windows }) =>
      windows
        .filter(({ from, until }) => Date.parse(from) <= nowMs && nowMs < Date.parse(until))
        .map((window) => ({ ...window, id, app: of, reason, by })),
    );
  return holding.sort((a, b) => Date.parse(b.until) - Date.parse(a.until))[0] ?? null;
}

/** May production be changed, as far as freezes go? */
export const isFree = (standing: FreezeStanding): boolean => standing.kind === 'known' && standing.inForce === null;

/** Would a person read the same? */
export function sameStanding(a: FreezeStanding, b: FreezeStanding): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return a.kind === b.kind;
  return a.inForce?.id === b.inForce?.id && a.inForce?.until === b.inForce?.until;
}

/** How those that were parked go on: all in one moment they would take the machine from everybody else, a rollback too. */
export const WAKING = { atOnce: 2, everyMs: 1_000 } as const;
/** Telling the next takes milliseconds; where it takes longer, those that go on already fill the machine, and are given as much more room. */
const ROOM = 4;
const LONGEST_PAUSE_MS = 30_000;

/** Milliseconds until the next are told. @param tookMs telling the last ones */
export const pauseMs = (tookMs: number): number => Math.max(WAKING.everyMs, Math.min(LONGEST_PAUSE_MS, ROOM * tookMs));

/** However many there are. */
const LONGEST_TURN_MS = 600_000;

/** Milliseconds until a freeze that is in force is over and one's turn has come. @param parked how many there are, oneself among them */
export function restMs(until: string, nowMs: number, parked: number): number {
  const turnMs = (Math.max(0, parked - 1) / WAKING.atOnce) * WAKING.everyMs;
  return Math.max(0, Date.parse(until) - nowMs) + Math.min(LONGEST_TURN_MS, Math.ceil(turnMs));
}

/** `a freeze of all applications by ana (Black Friday)`; or why it is not known. */
export function freezeWords(standing: FreezeStanding): string {
  if (standing.kind === 'unknown') return `nobody can say whether it is frozen: ${standing.reason}`;
  if (standing.inForce === null) return 'nothing is frozen';
  const { app, by, reason } = standing.inForce;
  return `a freeze of ${app ?? 'all applications'} by ${by} (${reason})`;
}

/** Repeated alike messages are folded: the first is sent at once, and who is told again after a while also hears how many there were. */

export interface Folding {
  /** How many alike ones were kept back since the last that was sent; null: this one is to be kept back, too. */
  next(message: { readonly app: string; readonly event: string; readonly text: string }): number | null;
}

/** Alike within this time are one. */
const WHILE_MS = 10 * 60_000;
const MOST_KNOWN = 1_000;

interface Known {
  readonly sentAt: number;
  readonly keptBack: number;
}

/** @param now milliseconds of a clock that only goes forward. */
export function createFolding(now: () => number = () => performance.now()): Folding {
  const known = new Map<string, Known>();
  return {
    next: ({ app, event, text }) => {
      const key = JSON.stringify([app, event, withoutNumbers(text)]);
      const last = known.get(key);
      if (last !== undefined && now() - last.sentAt < WHILE_MS) {
        known.set(key, { ...last, keptBack: last.keptBack + 1 });
        return null;
      }
      known.delete(key);
      known.set(key, { sentAt: now(), keptBack: 0 });
      const [oldest] = known.keys();
      if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
      return last?.keptBack ?? 0;
    },
  };
}

/** Measured values and times differ from one to the next; words that begin with a letter, and versions, do not. */
const withoutNumbers = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| UTC)?/g, '#')
    .replace(/(?<![\w.-])\d+(?:[.,]\d+)?(?=\s|%|\)|,|;|$)/g, '#');

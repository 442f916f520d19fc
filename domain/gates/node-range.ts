/** Ranges of Node versions in the way of npm: `>=22`, `^20.1`, `20.x`, `>=20 <23`, `20 || 22`, `20 - 22`. Pre-releases count as their release. */

type Version = readonly [major: number, minor: number, patch: number];
/** From `low`, and below `high` (null: no end). */
interface Interval {
  readonly low: Version;
  readonly high: Version | null;
}

const ALL: Interval = { low: [0, 0, 0], high: null };

/** Whether a version (`v22.1.0` or `22.1.0`) is in a range; null: the text is not a range, or not a version. */
export function isInRange(range: string, version: string): boolean | null {
  const asked = parsePartial(version.split(/[-+]/)[0] ?? '');
  const sets = parseRange(range);
  if (asked === null || asked.length !== 3 || sets === null) return null;
  const at = filled(asked);
  return sets.some((intervals) => intervals.every((interval) => holds(interval, at)));
}

function parseRange(range: string): readonly (readonly Interval[])[] | null {
  if (range.trim() === '') return null;
  const sets = range.split('||').map(parseSet);
  return sets.some((set) => set === null) ? null : (sets as (readonly Interval[])[]);
}

function parseSet(text: string): readonly Interval[] | null {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text);
  const words =
    hyphen === null
      ? text
          .trim()
          .replace(/([<>=^~])\s+/g, '$1')
          .split(/\s+/)
      : [`>=${hyphen[1]}`, `<=${hyphen[2]}`];
  const intervals = words.map(parseComparator);
  return intervals.some((interval) => interval === null) ? null : (intervals as Interval[]);
}

function parseComparator(word: string): Interval | null {
  const [, operator = '', rest = ''] = /^(>=|<=|>|<|=|\^|~>?)?(.+)$/.exec(word) ?? [];
  const parts = parsePartial(rest);
  if (parts === null) return null;
  if (parts.length === 0) return operator === '<' || operator === '>' ? null : ALL;
  const low = filled(parts);
  switch (operator) {
    case '>=':
      return { low, high: null };
    case '>':
      return { low: bumped(parts), high: null };
    case '<':
      return { low: ALL.low, high: low };
    case '<=':
      return { low: ALL.low, high: bumped(parts) };
    case '^':
      return { low, high: bumped(caret(parts)) };
    case '~':
    case '~>':
      return { low, high: bumped(parts.slice(0, 2)) };
    default:
      return { low, high: bumped(parts) };
  }
}

/** `v20.1`, `20.x`, `*`: the parts that are given. null: something else. */
function parsePartial(text: string): readonly number[] | null {
  if (!/^v?(\d{1,6}|[xX*])(\.(\d{1,6}|[xX*])){0,2}$/.test(text)) return null;
  const parts = text.replace(/^v/, '').split('.');
  const open = parts.findIndex((part) => /^[xX*]$/.test(part));
  return (open === -1 ? parts : parts.slice(0, open)).map(Number);
}

/** What `^` keeps: up to the first part that is not zero. */
function caret(parts: readonly number[]): readonly number[] {
  const first = parts.findIndex((part) => part > 0);
  return first === -1 ? parts : parts.slice(0, first + 1);
}

const filled = (parts: readonly number[]): Version => [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];

/** The least version above all that begin with these parts. */
function bumped(parts: readonly number[]): Version {
  const last = parts.length - 1;
  return filled(parts.map((part, index) => (index === last ? part + 1 : part)));
}

const holds = ({ low, high }: Interval, version: Version): boolean =>
  compare(version, low) >= 0 && (high === null || compare(version, high) < 0);

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

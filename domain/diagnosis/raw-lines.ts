/** Lines of a log, out of whatever carried them: our runner, a container engine, a supervisor, a terminal. */
import type { LogText } from './answer';

export interface RawLine {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly at: string | null;
  readonly instance: number;
  readonly stream: string;
  readonly text: string;
}

/** Longer lines say nothing more, nor do longer texts in JSON. */
const LONGEST = 8_192;
/** A line that is longer than our runner writes any, in JSON's escapes; JSON itself is read whole up to it. */
const LONGEST_LINE = 512 * 1024;
/** The last ones: what ended a release stands there. */
const MOST_LINES = 100_000;
const COLOURS = /\u001b\[[\d;]*[A-Za-z]/g;

export function rawLines({ source, text }: LogText): RawLine[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const leftOut = Math.max(0, lines.length - MOST_LINES);
  return lines.slice(leftOut).map((content, index) => {
    const bare = content.slice(0, LONGEST_LINE).replace(COLOURS, '');
    return { source, line: leftOut + index + 1, ...(carriedInJson(bare) ?? carriedInText(bare)) };
  });
}

type Carried = Omit<RawLine, 'source' | 'line'>;

/** A line of `logs/release.ndjson` and of `mvca logs --json`; of Docker's json-file driver. */
function carriedInJson(text: string): Carried | null {
  const object = jsonObject(text);
  if (object === null) return null;
  const { at, time, instance, stream, line, log } = object;
  const content = typeof line === 'string' ? line : typeof log === 'string' ? log.replace(/\r?\n$/, '') : null;
  if (content === null || typeof stream !== 'string') return null;
  const when = typeof at === 'string' ? at : typeof time === 'string' ? time : null;
  const inner = content.replace(COLOURS, '');
  return {
    at: when,
    instance: typeof instance === 'number' ? instance : 0,
    stream,
    text: stream === 'mvca' ? inner : carriedInText(inner).at === null ? inner : carriedInText(inner).text,
  };
}

const STAMP = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?Z| ?[+-]\d\d:?\d\d)?`;
/** What stands before the application's own words; group 1 is the time where there is one. */
const CARRIERS: readonly RegExp[] = [
  new RegExp(`^(${STAMP}) std(?:out|err) [FP] `), // Kubernetes (CRI)
  new RegExp(`^(${STAMP}) \\w+\\[[\\w.-]+\\]: `), // Heroku
  /^()[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [\w./-]+\[\d+\]: /, // journald, syslog
  /^()(?:\d\d:\d\d:\d\d )?\S+ \S+#\d+ │ /, // `mvca logs`
  /^()[\w.-]+-\d+ +\| /, // Docker Compose
  /^()\d+\|[\w.-]+ +\| /, // pm2
  new RegExp(`^\\[?(${STAMP})\\]?(?: +-)? *`),
];

function carriedInText(text: string): Carried {
  let [at, rest]: [string | null, string] = [null, text.startsWith('{') ? text : text.slice(0, LONGEST)];
  for (const carrier of CARRIERS) {
    const found = carrier.exec(rest);
    if (found === null) continue;
    const [whole, stamp = ''] = found;
    if (stamp !== '') at = isoTime(stamp);
    rest = rest.slice(whole.length);
  }
  return { at, instance: 0, stream: 'text', text: rest };
}

/** ISO 8601; null for what is no time. A time without a zone is taken as UTC. */
export function isoTime(stamp: string | number): string | null {
  const text = typeof stamp === 'number' ? stamp : stamp.replace(',', '.').replace(' ', 'T').replaceAll(' ', '');
  const zoned = typeof text === 'number' || /Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return null;
  try {
    const value: unknown = trimmed.length <= LONGEST ? JSON.parse(trimmed) : JSON.parse(trimmed, shortened);
    return isRecord(value) ? value : null;
  } catch {
    return null; // text that only looks like JSON
  }
}

const shortened = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.slice(0, LONGEST) : value;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

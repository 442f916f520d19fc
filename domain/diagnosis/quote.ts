/** Quotes lines of logs, masked. */
import type { Evidence } from './answer';
import { isTrouble } from './entries';
import { ownPlace, type Entry, type Fault } from './fault';
import { mask } from './mask';
import type { Recognition } from './recognise/recogniser';
import { isFrame } from './trace';

const MOST_UNEXPLAINED = 5;
const LONGEST_QUOTE = 400;
const LONGEST_MASKED = 4_000;

export interface Quotable {
  readonly entry: Entry;
  /** The error of the entry's chain that was recognised; null where it is about the entry as a whole. */
  readonly fault: Fault | null;
  readonly recognition: Recognition;
}

/** Masked, on one line. */
export const shown = (text: string): string => mask(text.slice(0, LONGEST_MASKED)).slice(0, LONGEST_QUOTE);

/** The error's own words, the line of code above it, and where it comes by the application's code. */
export function evidenceOf({ entry, fault, recognition }: Quotable): Evidence[] {
  const at = lineOf(entry, fault?.offset ?? 0, recognition.subject);
  const wanted = new Set([at, ...(entry.json === null ? placesIn(entry, fault) : [])]);
  return [...wanted].map((offset) => quote(entry, offset));
}

/** The error's first line, or the one below it that names what it is about. */
function lineOf({ texts }: Entry, offset: number, subject: string): number {
  if (subject.length < 3 || /^\d+$/.test(subject) || texts[offset]?.includes(subject) === true) return offset;
  const named = texts.findIndex((text, at) => at > offset && !isFrame(text) && text.includes(subject));
  return named === -1 ? offset : named;
}

function placesIn({ texts }: Entry, fault: Fault | null): number[] {
  if (fault === null) return [];
  const code = fault.sourceLine === null ? -1 : texts.indexOf(fault.sourceLine);
  const place = ownPlace(fault);
  const frame =
    place === null
      ? -1
      : texts.findIndex((text, at) => at >= fault.offset && text.includes(`${place.file}:${place.line}`));
  return [code, frame].filter((at) => at > 0);
}

function quote(entry: Entry, offset: number): Evidence {
  const fault = entry.json === null ? null : entry.chain.at(-1);
  const own = entry.texts[offset] ?? entry.texts[0] ?? '';
  const said = fault === null || fault === undefined ? own : withError(own, fault);
  const [line = ''] = said.trim().split('\n');
  return {
    source: entry.source,
    at: entry.at,
    line: entry.line + (entry.json === null ? offset : 0),
    text: shown(line),
  };
}

function withError(message: string, { name, message: words, code }: Fault): string {
  const error = `${name ?? 'error'}: ${words.split('\n')[0] ?? ''}${code === null ? '' : ` (${code})`}`;
  return words !== '' && message.includes(words) ? message : `${message}: ${error}`;
}

/** Lines of trouble whose like the old release did not write. */
export function unexplained(now: readonly Entry[], before: readonly Entry[]): Evidence[] {
  const known = new Set(before.map(likeness));
  const fresh = new Map<string, Entry>();
  for (const entry of now) {
    const key = likeness(entry);
    if (!known.has(key) && !fresh.has(key) && (isTrouble(entry) || entry.level === 'warn')) fresh.set(key, entry);
  }
  return [...fresh.values()].slice(0, MOST_UNEXPLAINED).map((entry) => quote(entry, 0));
}

/** A line without what differs from one time to the next. */
const likeness = ({ texts: [text = ''] }: Entry): string => text.replace(/"[^"]*"|'[^']*'|[\da-f-]{8,}|\d+/gi, '#');

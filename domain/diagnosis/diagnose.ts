/** Why does the new release fail? Causes from its logs, and from what the old release's logs do not have. */
import type { Cause, Context, Diagnosis, Evidence, LogText, Looked } from './answer';
import { isTrouble, readEntries } from './entries';
import { isOwn, NO_FAULT, ownPlace, type Entry, type Fault, type Place } from './fault';
import { codeOf } from './messages';
import { mask } from './mask';
import { isFrame } from './trace';
import { healthPathsMissed, portsMissed, type Seen } from './recognise/health';
import { recogniseEnd } from './recognise/process';
import type { Recogniser } from './recognise/recogniser';
import { GENERAL, SPECIFIC } from './recognise/table';

/** What the old release had, too, is seldom what is wrong with the new one. */
const OLD_TROUBLE = 0.2;
const LEAST = 0.05;
const MOST_CAUSES = 8;
const MOST_UNEXPLAINED = 5;
const LONGEST_QUOTE = 400;
const LONGEST_MASKED = 4_000;

export interface Logs {
  readonly fresh: readonly LogText[];
  /** Of the release before, as far as there is one. */
  readonly old: readonly LogText[];
  /** A line of the application's code, where it can be read here: which variable it reads is looked up in it; it is never quoted. */
  readonly code?: (place: Place) => string | null;
}

interface SeenFault extends Seen {
  /** The error of the entry's chain that was recognised; null where it is about the entry as a whole. */
  readonly fault: Fault | null;
}

/** Best first. Quoted lines are masked. Pure: the same logs have the same answer. */
export function diagnose({ fresh, old, code = () => null }: Logs, context: Context): Diagnosis {
  const read = (log: LogText): Entry[] => readEntries(log).map((entry) => withCode(entry, code));
  const [now, before] = [fresh.map(read), old.map(read)];
  const seen = now.flatMap((entries) => seenIn(entries, context));
  const seenBefore = before.flatMap((entries) => seenIn(entries, context));
  const causes = rank([...groupsOf(seen).values()].map((group) => causeOf(group, groupsOf(seenBefore))));
  const looked = [
    ...now.map((entries, at) => lookedAt(fresh[at], entries, 'new')),
    ...before.map((entries, at) => lookedAt(old[at], entries, 'old')),
  ];
  return { causes, looked, unexplained: causes.length > 0 ? [] : unexplained(now.flat(), before.flat()), impact: null };
}

/** What Node.js shows above an uncaught error, for those that were caught and logged, or thrown by Node.js itself. */
function withCode(entry: Entry, code: (place: Place) => string | null): Entry {
  const chain = entry.chain.map((fault) => {
    const place = ownPlace(fault);
    const isShown = fault.thrownAt !== null && isOwn(fault.thrownAt);
    return place === null || isShown ? fault : { ...fault, sourceLine: code(place) ?? fault.sourceLine };
  });
  return { ...entry, chain };
}

function seenIn(entries: readonly Entry[], context: Context): SeenFault[] {
  const single = entries.flatMap((entry) => seenAt(entry, context) ?? []);
  const overall = [...healthPathsMissed(entries, context), ...portsMissed(entries)];
  return [...single, ...overall.map((one) => ({ ...one, fault: null }))];
}

function seenAt(entry: Entry, context: Context): SeenFault | null {
  const end = recogniseEnd(entry);
  if (end !== null) return { entry, recognition: end, fault: null };
  const chain = entry.chain.length > 0 ? entry.chain : bareFault(entry);
  return recognised(SPECIFIC, chain, entry, context) ?? recognised(GENERAL, chain.slice(-1), entry, context);
}

/** The deepest error that is known is the root of those around it. */
function recognised(
  table: readonly Recogniser[],
  chain: readonly Fault[],
  entry: Entry,
  context: Context,
): SeenFault | null {
  for (const fault of [...chain].reverse()) {
    for (const recognise of table) {
      const recognition = recognise(fault, entry, context);
      if (recognition !== null) return { entry, recognition, fault };
    }
  }
  return null;
}

/** A line without any error in it may still tell of one: by its level, or because the standard error is where errors go. */
function bareFault({ level, texts, isRunner, isFatal, json }: Entry): Fault[] {
  if (isRunner || level === 'info' || (level === null && json !== null)) return [];
  const message = texts.join('\n');
  const code = codeOf({ stated: null, message, fields: {}, name: null });
  if (level === null && code === null && !isFatal && !/^\s*(?:\W+ ?)?[A-Z]/.test(message)) return [];
  return [{ ...NO_FAULT, message, code }];
}

function groupsOf(seen: readonly SeenFault[]): Map<string, SeenFault[]> {
  const groups = new Map<string, SeenFault[]>();
  for (const one of seen) {
    const key = `${one.recognition.cause} ${one.recognition.subject}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

interface Ranked extends Cause {
  readonly first: Entry;
}

function causeOf(group: readonly SeenFault[], before: ReadonlyMap<string, readonly SeenFault[]>): Ranked {
  const best = group.reduce((a, b) => (weight(b) > weight(a) ? b : a));
  const { cause, subject, title, remedy } = best.recognition;
  const countBefore = before.get(`${cause} ${subject}`)?.length ?? 0;
  const confidence = weight(best) * (countBefore > 0 ? OLD_TROUBLE : 1);
  return {
    cause,
    confidence: Math.round(Math.min(0.99, confidence) * 100) / 100,
    title: mask(title.slice(0, LONGEST_MASKED)).slice(0, LONGEST_QUOTE),
    count: group.length,
    countBefore,
    evidence: evidenceOf(best),
    remedy,
    first: group[0]?.entry ?? best.entry,
  };
}

/** What ended the process weighs more; a warning, or what is said to be information, less. */
function weight({ entry, recognition }: SeenFault): number {
  const isBare = entry.level === null && entry.chain.length === 0 && !entry.isErrorStream && !entry.isRunner;
  const byLevel = entry.level === 'info' ? 0.3 : entry.level === 'warn' ? 0.7 : isBare ? 0.8 : 1;
  return recognition.confidence * (entry.isFatal ? 1.05 : byLevel);
}

/** An exit that another cause explains is no cause. */
function rank(causes: readonly Ranked[]): Cause[] {
  const explained = causes.some(
    ({ cause, countBefore }) => cause !== 'exited' && cause !== 'crashed' && countBefore === 0,
  );
  const kept = causes.filter(
    ({ cause, confidence }) => confidence >= LEAST && !(explained && (cause === 'exited' || cause === 'crashed')),
  );
  return kept
    .sort((a, b) => b.confidence - a.confidence || compareTime(a.first, b.first))
    .slice(0, MOST_CAUSES)
    .map(({ first: _, ...cause }) => cause);
}

const compareTime = (a: Entry, b: Entry): number => (a.at ?? '').localeCompare(b.at ?? '') || a.line - b.line;

/** The error's own words, the line of code above it, and where it comes by the application's code. */
function evidenceOf({ entry, fault, recognition }: SeenFault): Evidence[] {
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
  const text = mask(line.slice(0, LONGEST_MASKED)).slice(0, LONGEST_QUOTE);
  return { source: entry.source, at: entry.at, line: entry.line + (entry.json === null ? offset : 0), text };
}

function withError(message: string, { name, message: words, code }: Fault): string {
  const error = `${name ?? 'error'}: ${words.split('\n')[0] ?? ''}${code === null ? '' : ` (${code})`}`;
  return words !== '' && message.includes(words) ? message : `${message}: ${error}`;
}

function lookedAt(log: LogText | undefined, entries: readonly Entry[], release: Looked['release']): Looked {
  const text = log?.text ?? '';
  const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { source: log?.source ?? '', release, lines, errors: entries.filter(isTrouble).length };
}

/** Lines of trouble whose like the old release did not write. */
function unexplained(now: readonly Entry[], before: readonly Entry[]): Evidence[] {
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

/** Why does the new release fail? Causes from its logs, and from what the old release's logs do not have. */
import type { Cause, Context, Diagnosis, LogText, Looked } from './answer';
import { isTrouble, readEntries } from './entries';
import { isOwn, NO_FAULT, ownPlace, type Entry, type Fault, type Place } from './fault';
import { codeOf } from './messages';
import { evidenceOf, shown, unexplained, type Quotable } from './quote';
import { healthPathsMissed, type Seen } from './recognise/health';
import { portsMissed } from './recognise/port';
import { recogniseEnd } from './recognise/process';
import type { Recogniser } from './recognise/recogniser';
import { GENERAL, SPECIFIC } from './recognise/table';

/** What the old release had, too, is seldom what is wrong with the new one. */
const OLD_TROUBLE = 0.2;
const LEAST = 0.05;
const MOST_CAUSES = 8;

export interface Logs {
  readonly fresh: readonly LogText[];
  /** Of the release before, as far as there is one. */
  readonly old: readonly LogText[];
  /** A line of the application's code, where it can be read here: which variable it reads is looked up in it; it is never quoted. */
  readonly code?: (place: Place) => string | null;
}

type SeenFault = Seen & Quotable;

/** What logs alone tell. */
export interface Found {
  readonly causes: readonly Known[];
  readonly looked: readonly Looked[];
  readonly unexplained: Diagnosis['unexplained'];
}

/** A cause, and what it was recognised by. */
export interface Known extends Cause {
  readonly subject: string;
  readonly first: Entry;
  /** Of its best evidence; null where it is about a line as a whole. */
  readonly fault: Fault | null;
  /** The process ended by it, at least once. */
  readonly isFatal: boolean;
}

/** Best first. Quoted lines are masked. Pure: the same logs have the same answer. */
export function diagnose(logs: Logs, context: Context): Diagnosis {
  const { causes, looked, unexplained: open } = findCauses(logs, context);
  const kept = rank(causes);
  return { causes: kept, looked, unexplained: kept.length > 0 ? [] : open, impact: null };
}

/** All that the logs tell, in no order. */
export function findCauses({ fresh, old, code = () => null }: Logs, context: Context): Found {
  const read = (log: LogText): Entry[] => readEntries(log).map((entry) => withCode(entry, code));
  const [now, before] = [fresh.map(read), old.map(read)];
  const seen = now.flatMap((entries) => seenIn(entries, context));
  const seenBefore = groupsOf(before.flatMap((entries) => seenIn(entries, context)));
  const causes = [...groupsOf(seen).values()].map((group) => causeOf(group, seenBefore));
  const looked = [
    ...now.map((entries, at) => lookedAt(fresh[at], entries, 'new')),
    ...before.map((entries, at) => lookedAt(old[at], entries, 'old')),
  ];
  return { causes, looked, unexplained: unexplained(now.flat(), before.flat()) };
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
  if (level === null && code === null && !isFatal && !/^\W*[A-Z]/.test(message)) return [];
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

function causeOf(group: readonly SeenFault[], before: ReadonlyMap<string, readonly SeenFault[]>): Known {
  const best = group.reduce((a, b) => (weight(b) > weight(a) ? b : a));
  const { cause, subject, title, remedy } = best.recognition;
  const countBefore = before.get(`${cause} ${subject}`)?.length ?? 0;
  const confidence = weight(best) * (countBefore > 0 ? OLD_TROUBLE : 1);
  return {
    cause,
    confidence: Math.round(Math.min(0.99, confidence) * 100) / 100,
    title: shown(title),
    count: group.length,
    countBefore,
    evidence: evidenceOf(best),
    remedy,
    subject,
    first: group[0]?.entry ?? best.entry,
    fault: best.fault,
    isFatal: group.some(({ entry }) => entry.isFatal),
  };
}

/** What ended the process weighs more; a warning, or what is said to be information, less. */
function weight({ entry, recognition }: SeenFault): number {
  const isBare = entry.level === null && entry.chain.length === 0 && !entry.isErrorStream && !entry.isRunner;
  const byLevel = entry.level === 'info' ? 0.3 : entry.level === 'warn' ? 0.7 : isBare ? 0.8 : 1;
  return recognition.confidence * (entry.isFatal ? 1.05 : byLevel);
}

/** An exit that another cause explains is no cause. */
export function rank(causes: readonly Known[]): Cause[] {
  const explained = causes.some(
    ({ cause, countBefore }) => cause !== 'exited' && cause !== 'crashed' && countBefore === 0,
  );
  const kept = causes.filter(
    ({ cause, confidence }) => confidence >= LEAST && !(explained && (cause === 'exited' || cause === 'crashed')),
  );
  return kept
    .sort((a, b) => b.confidence - a.confidence || compareTime(a.first, b.first))
    .slice(0, MOST_CAUSES)
    .map(bare);
}

const bare = ({ first: _first, fault: _fault, subject: _subject, isFatal: _isFatal, ...cause }: Known): Cause => cause;

const compareTime = (a: Entry, b: Entry): number => (a.at ?? '').localeCompare(b.at ?? '') || a.line - b.line;

function lookedAt(log: LogText | undefined, entries: readonly Entry[], release: Looked['release']): Looked {
  const text = log?.text ?? '';
  const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { source: log?.source ?? '', release, lines, errors: entries.filter(isTrouble).length };
}

/** Groups the lines of a log into what was logged: a trace, with all its causes, is one entry. */
import type { LogText } from './answer';
import type { Entry, Fault } from './fault';
import { jsonFaults, jsonLevel, jsonMessage, jsonTime, levelOf } from './json-log';
import { jsonObject, rawLines, type RawLine } from './raw-lines';
import { isCaret, isFrame, isHead, isHeader, parseTrace } from './trace';

/** Lines below an error's first one in which its stack is looked for. */
const LONGEST_MESSAGE = 40;

/** In the order of the log. */
export function readEntries(log: LogText): Entry[] {
  const streams = new Map<string, RawLine[]>();
  for (const raw of rawLines(log)) {
    const key = `${raw.instance}/${raw.stream}`;
    const stream = streams.get(key);
    if (stream === undefined) streams.set(key, [raw]);
    else stream.push(raw);
  }
  const entries = [...streams.values()].flatMap((lines) => groupsOf(lines).map(entryOf));
  return markFatal(entries.sort((a, b) => a.line - b.line));
}

function groupsOf(lines: readonly RawLine[]): RawLine[][] {
  const groups: RawLine[][] = [];
  for (let from = 0; from < lines.length;) {
    const to = endOf(lines, from);
    groups.push(lines.slice(from, to));
    from = to;
  }
  return groups;
}

/** Where the entry that begins at `from` ends. */
function endOf(lines: readonly RawLine[], from: number): number {
  const first = lines[from];
  let to = from + 1;
  if (first === undefined || first.stream === 'mvca' || jsonObject(first.text) !== null) return to;
  if (isHeader(first.text)) to = endOfHeader(lines, from);
  const framed = isHead(lines[to - 1]?.text ?? '') ? framesWithin(lines, to) : null;
  if (framed !== null) to = framed;
  while (to < lines.length && continues(lines, to)) to += 1;
  return to;
}

/** Behind the line of code, the caret, the empty line and the error's first line. */
function endOfHeader(lines: readonly RawLine[], from: number): number {
  for (let at = from + 1; at < Math.min(lines.length, from + 6); at += 1) {
    if (!isCaret(lines[at]?.text ?? '')) continue;
    let error = at + 1;
    while (error < lines.length && lines[error]?.text.trim() === '') error += 1;
    return Math.min(lines.length, error + 1);
  }
  return from + 1;
}

/** A message of several lines belongs to the stack below it. */
function framesWithin(lines: readonly RawLine[], from: number): number | null {
  for (let at = from; at < Math.min(lines.length, from + LONGEST_MESSAGE); at += 1) {
    const { text = '', at: time = null } = lines[at] ?? {};
    if (isFrame(text)) return at;
    if (time !== null || (isHead(text) && !/^\s*error: /.test(text)) || isHeader(text) || jsonObject(text) !== null)
      return null;
  }
  return null;
}

function continues(lines: readonly RawLine[], at: number): boolean {
  const { text = '', at: time = null, stream } = lines[at] ?? {};
  if (jsonObject(text) !== null || (time !== null && stream === 'text')) return false;
  if (/^\s+\S/.test(text) || /^[}\])]+[,;]?$/.test(text) || /^[Cc]aused by: |^Emitted '\w+' event/.test(text))
    return true;
  const next = lines[at + 1]?.text ?? '';
  return text.trim() === '' && (/^\s+\S/.test(next) || /^[Cc]aused by: /.test(next));
}

function entryOf(lines: readonly RawLine[]): Entry {
  const [first] = lines as readonly [RawLine, ...RawLine[]];
  const texts = lines.map(({ text }) => text);
  const json = first.stream === 'mvca' ? null : jsonObject(first.text);
  const isRunner = first.stream === 'mvca';
  const said = texts.join('\n');
  const isUnhandled = UNHANDLED.test(said) || (isHeader(first.text) && REJECTED.test(said));
  return {
    source: first.source,
    line: first.line,
    at: first.at ?? (json === null ? null : jsonTime(json)),
    instance: first.instance,
    isRunner,
    isErrorStream: /^(?:err|stderr)$/.test(first.stream),
    level: json === null ? textLevel(first.text) : jsonLevel(json),
    texts: json === null ? texts : [jsonMessage(json) || first.text],
    json,
    chain: isRunner ? [] : json === null ? parseTrace(texts) : jsonFaults(json),
    isUnhandled,
    isFatal: isHeader(first.text) || /^FATAL ERROR: |<--- Last few GCs/.test(said),
  };
}

const UNHANDLED = /triggerUncaughtException\(err, true|unhandled ?(?:promise)? ?rejection|ERR_UNHANDLED_REJECTION/i;
/** Node.js shows a rejection as it shows what is thrown; a promise on the way tells. */
const REJECTED = /^[ \t]+at async |\breject\(|processTicksAndRejections/m;

/** The level stands near the start of a line: bracketed, in capitals, or before a colon. */
function textLevel(text: string): Entry['level'] {
  const start = text.slice(0, 60);
  const word =
    /^\W*(fatal|panic|error|err|warn|warning|info|debug|trace|notice|critical)\]?:?(?=\s|$|:)/i.exec(start)?.[1] ??
    /(?:\[|\b(?:level|lvl|severity)=)"?(\w+)"?\]?/.exec(start)?.[1] ??
    /\b(FATAL|PANIC|ERROR|WARN|WARNING|INFO|DEBUG|CRITICAL)\b/.exec(start)?.[1];
  return word === undefined ? null : levelOf(word);
}

/** The last error before an exit ended the process; so did one that Node.js shows with its line of code. */
function markFatal(entries: readonly Entry[]): Entry[] {
  const fatal = new Set<Entry>();
  const last = new Map<number, Entry>();
  for (const entry of entries) {
    if (isTrouble(entry) || mayBeLastWords(entry)) last.set(entry.instance, entry);
    const before = last.get(entry.instance);
    const ends = entry.isRunner
      ? FAILED_EXIT.test(entry.texts[0] ?? '')
      : /^Node\.js v\d+\./.test(entry.texts[0] ?? '');
    if (ends && before !== undefined) fatal.add(before);
  }
  return entries.map((entry) => (fatal.has(entry) ? { ...entry, isFatal: true } : entry));
}

/** `console.error('…'); process.exit(1)`: no level, no trace. */
const mayBeLastWords = ({ isErrorStream, level, chain, texts }: Entry): boolean =>
  isErrorStream && level === null && chain.length === 0 && !/^Node\.js v\d|^\s*$/.test(texts[0] ?? '');

const FAILED_EXIT = /^(?:exited with code [1-9]|ended by SIG(?!TERM|INT))/;

export const isTrouble = ({ level, chain }: Entry): boolean =>
  level === 'error' ||
  (level !== 'info' && chain.some(({ frames, code }: Fault) => frames.length > 0 || code !== null));

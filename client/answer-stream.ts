/**
 * Reads recorded answers, or what a watch saw (`domain/judge/recording.ts`): one JSON object a line, and in a file of many streams a
 * line `{"stream": NAME}` before each.
 */
import { createReadStream } from 'node:fs';
import type { RecordedEnd, RecordedLook, RecordedWatch } from '../domain/judge/recording';
import type { Answer } from '../domain/judge/stream';
import { createLines } from '../system/lines';

/** `place` is file and line, for messages. */
export type StreamLine = { readonly place: string } & (
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'stream'; readonly name: string }
  | { readonly kind: 'watch'; readonly recorded: RecordedWatch }
  | { readonly kind: 'end'; readonly said: RecordedEnd['end'] }
  | { readonly kind: 'look'; readonly look: RecordedLook }
);

/** A line that is no answer. The message names file, line, field and value, and what was expected. */
export class BadLine extends Error {
  override readonly name = 'BadLine';
}

/** @param file a path, or `-` for standard input. @throws BadLine, or the system's error when the file cannot be read */
export async function* readAnswers(file: string): AsyncGenerator<StreamLine> {
  let number = 0;
  for await (const text of linesOf(file === '-' ? process.stdin : createReadStream(file))) {
    number += 1;
    if (text.trim() === '') continue;
    yield parseLine(text, `${file === '-' ? 'standard input' : file}:${number}`);
  }
}

/** Far more than an answer needs, or a look at a router with all the routes that it counts. What is cut is no JSON any more, which is said with its line. */
const LONGEST_LINE = 512 * 1024;

async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  let lines: string[] = [];
  const reader = createLines({ longest: LONGEST_LINE }, (line) => lines.push(line));
  for await (const chunk of input) {
    reader.push(Buffer.from(chunk));
    yield* lines;
    lines = [];
  }
  reader.flush();
  yield* lines;
}

const EXAMPLE = '{"at": 1200, "release": "new", "status": 200, "ms": 12}';

function parseLine(text: string, place: string): StreamLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadLine(`${place}: not JSON: ${shown(text)}; expected ${EXAMPLE}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadLine(`${place}: ${shown(text)} is no object; expected ${EXAMPLE}`);
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields['stream'] === 'string') return { kind: 'stream', place, name: fields['stream'] };
  if ('watch' in fields) return { kind: 'watch', place, recorded: checked(fields, WATCH_FIELDS, place) };
  if ('end' in fields) return { kind: 'end', place, said: checked<RecordedEnd>(fields, END_FIELDS, place).end };
  if ('router' in fields || 'own' in fields || Object.keys(fields).join() === 'at')
    return { kind: 'look', place, look: checked(fields, LOOK_FIELDS, place) };
  return { kind: 'answer', place, answer: checked(fields, FIELDS, place) };
}

function checked<T>(fields: Readonly<Record<string, unknown>>, rules: readonly Field[], place: string): T {
  for (const { name, expected, fits } of rules)
    if (!fits(fields[name])) throw new BadLine(`${place}: ${name}: ${shown(fields[name])}; expected ${expected}`);
  return fields as T;
}

interface Field {
  readonly name: string;
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** With these fields, all objects unless it is said otherwise. */
const holds =
  (...names: readonly string[]) =>
  (value: unknown): boolean =>
    isObject(value) && names.every((name) => isObject(value[name]));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const WATCH_FIELDS: readonly Field[] = [
  {
    name: 'watch',
    expected: 'what a worker with MVCA_WATCH_RECORDINGS writes first: release, objective, errorStatuses',
    fits: (value) =>
      holds('objective', 'errorStatuses')(value) && typeof (value as { release?: unknown }).release === 'string',
  },
];

const END_FIELDS: readonly Field[] = [
  {
    name: 'end',
    expected: 'the verdict of the watch itself',
    fits: (value) => isObject(value) && /^(healthy|unhealthy|inconclusive)$/.test(String(value['verdict'])),
  },
];

const LOOK_FIELDS: readonly Field[] = [
  { name: 'at', expected: 'milliseconds, a number from 0', fits: isTime },
  {
    name: 'router',
    expected: 'the epoch, figures and table of a router, or nothing',
    fits: (value) => value === undefined || holds('figures', 'table')(value),
  },
  {
    name: 'own',
    expected: 'newRelease and oldRelease, or nothing',
    fits: (value) => value === undefined || holds('newRelease', 'oldRelease')(value),
  },
];

const FIELDS: readonly Field[] = [
  { name: 'at', expected: 'milliseconds, a number from 0', fits: isTime },
  { name: 'release', expected: '"old" or "new"', fits: (value) => value === 'old' || value === 'new' },
  {
    name: 'status',
    expected: 'a status from 100 to 599, or 0 for no answer',
    fits: (value) => Number.isInteger(value) && (value === 0 || ((value as number) >= 100 && (value as number) <= 599)),
  },
  { name: 'ms', expected: 'milliseconds, a number from 0', fits: isTime },
  { name: 'route', expected: 'text, or nothing', fits: (value) => value === undefined || typeof value === 'string' },
];

const shown = (value: unknown): string => {
  const text = value === undefined ? 'missing' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
};

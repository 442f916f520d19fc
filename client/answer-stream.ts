/** Reads recorded answers: one JSON object a line, and in a file of many streams a line `{"stream": NAME}` before each. */
import { createReadStream } from 'node:fs';
import type { Answer } from '../domain/judge/stream';
import { createLines } from '../system/lines';

export type StreamLine =
  { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'stream'; readonly name: string };

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

/** Far more than an answer needs. What is cut is no JSON any more, which is said with its line. */
const LONGEST_LINE = 64 * 1024;

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
  if (typeof fields['stream'] === 'string') return { kind: 'stream', name: fields['stream'] };
  for (const { name, expected, fits } of FIELDS)
    if (!fits(fields[name])) throw new BadLine(`${place}: ${name}: ${shown(fields[name])}; expected ${expected}`);
  return { kind: 'answer', answer: fields as unknown as Answer };
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

const FIELDS: readonly {
  readonly name: string;
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}[] = [
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

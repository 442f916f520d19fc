/** Errors in text: as Node.js prints those that nothing caught, as `console.error` prints them, and as `error.stack` with its causes. */
import { codeOf } from './messages';
import { NO_FAULT, type Fault, type Place } from './fault';

/** `at f (file:1:2)`, `at file:1:2`, `at async f (file:///app/x.mjs:1:2)`. */
const FRAME = /^\s*at (?:async )?(?:.*?\()?((?:file:\/\/)?[^()]*?):(\d+)(?::\d+)?\)?(?: \{)?$/;
export const isFrame = (text: string): boolean => /^\s*at \S/.test(text);
/** `/app/server.js:3` above the line of code that threw. */
const HEADER = /^((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]|node:)[^:]*(?::[^:\d][^:]*)?):(\d+)$/;
export const isHeader = (text: string): boolean => HEADER.test(text);
export const isCaret = (text: string): boolean => /^\s*[\^~]+\s*$/.test(text);

const NAME = String.raw`(?:[A-Za-z_$][\w$.]*(?:Error|Exception|Rejection)|Error|error|FATAL ERROR)`;
const HEAD = new RegExp(`(?:^|[\\s\\[(:>])(${NAME})(?: \\[?\\(?([A-Z][\\w]+|\\d{4,5})\\)?\\]?)?: ?(.*)$`);
/** A class of any name, known as an error by the frames below it. */
const OTHER_HEAD = /^\s*(?:Uncaught )?([A-Z][\w$.]*)(?: \[(\w+)\])?: (.*)$/;
const CAUSE =
  /^(\s*)(?:\[cause\]|cause|[Cc]aused by|\[errors\]|errors|original|parent|driverError|originalError): \[?\s*(\S.*|)$/;
const FIELD = /^\s+\[?'?(\w+)'?\]?: (.*?),?$/;

export const isHead = (text: string): boolean => HEAD.test(text);

/** Causes of causes that are told; what comes after them is text. */
const LONGEST_CHAIN = 20;
/** Of one message, in characters. */
const LONGEST_MESSAGE = 16_384;

interface Draft {
  name: string | null;
  message: string;
  readonly said: string | null;
  readonly fields: Record<string, string>;
  readonly frames: Place[];
  readonly offset: number;
  readonly indent: number;
}

/** The chain of errors in a text, outermost first; empty where it holds none. */
export function parseTrace(texts: readonly string[]): Fault[] {
  const { thrownAt, sourceLine, from } = readHeader(texts);
  const chain: Draft[] = [];
  let message: Draft | null = null;
  for (let at = from; at < texts.length; at += 1) {
    const text = texts[at] ?? '';
    if (isFrame(text)) {
      message = null;
      addFrame(chain, text);
      continue;
    }
    const begun = chain.length < LONGEST_CHAIN ? beginning(texts, at, chain) : null;
    if (begun !== null) {
      chain.push(begun);
      message = begun;
    } else if (message !== null && !FIELD.test(text)) {
      if (message.message.length < LONGEST_MESSAGE) message.message += `\n${text}`;
    } else addField(chain, text);
  }
  return chain.map((draft, index) => finished(draft, index === 0 ? thrownAt : null, index === 0 ? sourceLine : null));
}

function finished(
  { name, message, said, fields, frames, offset }: Draft,
  thrownAt: Place | null,
  sourceLine: string | null,
): Fault {
  const trimmed = message.trim();
  const words = trimmed.endsWith('{') ? trimmed.slice(0, -1).trimEnd() : trimmed;
  const stated = fields['code'] ?? said;
  const isClass = said !== null && /[a-z]Error$/.test(said); // `DOMException [TimeoutError]`
  const code = codeOf({ stated: stated ?? null, message: words, fields, name });
  return {
    ...NO_FAULT,
    name: isClass ? said : name,
    message: words,
    code,
    fields,
    frames,
    offset,
    thrownAt,
    sourceLine,
  };
}

function readHeader(texts: readonly string[]): { thrownAt: Place | null; sourceLine: string | null; from: number } {
  const header = HEADER.exec(texts[0] ?? '');
  if (header === null) return { thrownAt: null, sourceLine: null, from: 0 };
  const caret = texts.slice(0, 6).findIndex(isCaret);
  const thrownAt = { file: pathOf(header[1] ?? ''), line: Number(header[2]) };
  return { thrownAt, sourceLine: texts[1] ?? null, from: caret === -1 ? 2 : caret + 1 };
}

/** The error that begins on this line: the first one, or the cause of the one before. */
function beginning(texts: readonly string[], at: number, chain: readonly Draft[]): Draft | null {
  const text = texts[at] ?? '';
  const indent = /^\s*/.exec(text)?.[0].length ?? 0;
  const cause = CAUSE.exec(text);
  if (chain.length > 0 && cause !== null) return headOf(cause[2] ?? '', at, indent);
  if (chain.length > 0 && !(indent > 0 && isFrame(texts[at + 1] ?? ''))) return null;
  // Errors that a collecting one holds besides the first are the same trouble by another way.
  if (chain.length > 0 && chain.some((draft) => draft.indent >= indent && draft.indent > 0)) return null;
  return headOf(text, at, indent) ?? (isFrame(texts[at + 1] ?? '') ? otherHead(text, at, indent) : null);
}

function headOf(text: string, offset: number, indent: number): Draft | null {
  const [whole, name = null, said = null, message = ''] = HEAD.exec(text) ?? [];
  if (whole === undefined) return null;
  const bracketed = /\[[\w$.]*(?:Error|error)[^\]]*: /.test(text);
  const words = bracketed ? message.replace(/\](?: \{)?,?$/, '') : message;
  return { name, said, message: words, fields: {}, frames: [], offset, indent };
}

function otherHead(text: string, offset: number, indent: number): Draft {
  const [, name = null, said = null, message = text] = OTHER_HEAD.exec(text) ?? [];
  return { name, said, message, fields: {}, frames: [], offset, indent };
}

function addFrame(chain: readonly Draft[], text: string): void {
  const [, file, line] = FRAME.exec(text) ?? [];
  if (file === undefined) return void chain.at(-1)?.frames.push({ file: '<anonymous>', line: 0 });
  chain.at(-1)?.frames.push({ file: pathOf(file), line: Number(line) });
}

/** A property belongs to the innermost error that stands further left. */
function addField(chain: readonly Draft[], text: string): void {
  const [, key, value] = FIELD.exec(text) ?? [];
  if (key === undefined || value === undefined) return;
  const indent = /^\s*/.exec(text)?.[0].length ?? 0;
  const owner = chain.findLast((draft) => draft.indent < indent);
  if (owner !== undefined) owner.fields[key] ??= unquoted(value);
}

const unquoted = (value: string): string => value.replace(/^(['"`])(.*)\1$/, '$2');
const pathOf = (file: string): string => file.replace(/^.*?file:\/\//, '').replace(/^async /, '');

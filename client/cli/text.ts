/** Text for terminals: what comes from applications and people must not move the cursor, and columns must line up. */
import { visible } from '../../domain/visible';

// The escape sequences of ECMA-48: CSI, OSC and the other strings, and the short ones.
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;

/** Without escape sequences, and with what nobody would see as escapes; line breaks and tabs stay. A carriage return before a line break is part of it. */
export const plain = (text: string): string =>
  visible(text.replace(SEQUENCES, '').split('\n').map(withoutReturns).join('\n'));

function withoutReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(0, end);
}

/** On one line: line breaks and tabs become blanks. */
export const oneLine = (text: string): string =>
  plain(text)
    .replace(/[\n\t]+/g, ' ')
    .trim();

/** The first line of a text that may be a list; an ellipsis says that there is more. */
export function headline(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n');
  return rest.length === 0 ? first : `${first.trimEnd()} …`;
}

/** The text in lines of at most `width` columns, broken between words; a word that is longer stays whole. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && columns(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const MARK = /^[\p{M}\p{Cf}]$/u;
const EMOJI = /^\p{Emoji_Presentation}$/u;
/** Wide throughout (Unicode TR 11). */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0x20000, 0x3fffd],
];

/** Columns that a character takes: 0 for marks, 2 for wide ones. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (MARK.test(character)) return 0;
  return EMOJI.test(character) || WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Columns of a text without escape sequences. */
export function columns(text: string): number {
  let total = 0;
  for (const character of text) total += columnsOf(character);
  return total;
}

/** At most `limit` columns; what was cut off is an ellipsis. */
export function truncate(text: string, limit: number): string {
  if (columns(text) <= limit) return text;
  if (limit <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = columnsOf(character);
    if (used + next > limit - 1) break;
    kept += character;
    used += next;
  }
  return `${kept}…`;
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columns(text))) + text;

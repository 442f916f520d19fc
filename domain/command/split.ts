/** Splits a command into arguments as a POSIX shell would, without being one: operators are refused with advice. */
import { ADVICE, BUILTINS, OPERATORS } from './advice';

export type SplitCommand =
  | {
      readonly ok: true;
      readonly argv: readonly string[];
      /** The same for `substitute`: a dollar that is meant as one (in single quotes, after a backslash) is doubled. */
      readonly template: readonly string[];
      /** Names in `$NAME` and `${NAME}` where a shell would have put in a value: not in single quotes, not after a backslash. */
      readonly names: readonly string[];
    }
  | { readonly ok: false; readonly reason: string; readonly advice: string };

/**
 * The arguments of `text` by the quoting rules of POSIX.1-2024, Shell Command Language 2.2. `$NAME` stays as it is (`substitute` puts
 * in its value at the moment of use), and so do `*`, `?` and `[`: nobody expands them. Refused, each with what works: operators, substitutions,
 * line breaks, comments, `NAME=value` before the command, `~/`, and words that only a shell knows.
 */
export function splitCommand(text: string): SplitCommand {
  if (text.trim() === '') return refusal('the command is empty', 'write the program and its arguments');
  if (text.includes('\0')) return refusal('the command contains a NUL character', 'leave it away');
  try {
    const { template, names } = readWords(text.trim());
    const argv = template.map((word) => word.replaceAll('$$', () => '$'));
    return builtin(argv[0] ?? '') ?? { ok: true, argv, template, names };
  } catch (error) {
    if (error instanceof Refusal) return refusal(error.message, error.advice);
    throw error;
  }
}

const refusal = (reason: string, advice: string): SplitCommand => ({ ok: false, reason, advice });

function builtin(program: string): SplitCommand | null {
  const advice = Object.hasOwn(BUILTINS, program) ? BUILTINS[program] : undefined;
  if (program === '') return refusal('the program is an empty word', 'write the program and its arguments');
  return advice === undefined ? null : refusal(`\`${program}\` is a word of a shell, not a program`, advice);
}

/** Never leaves this file: carries a refusal out of the reading functions. */
class Refusal extends Error {
  constructor(
    reason: string,
    readonly advice: string,
  ) {
    super(reason);
  }
}

interface Reader {
  readonly text: string;
  at: number;
  readonly names: string[];
}

function readWords(text: string): { template: string[]; names: string[] } {
  const reader: Reader = { text, at: 0, names: [] };
  const template: string[] = [];
  skipBlanks(reader);
  while (reader.at < text.length) {
    refuseAtStart(reader, template.length === 0);
    template.push(readWord(reader));
    skipBlanks(reader);
  }
  return { template, names: reader.names };
}

/** Blanks, and line breaks taken away by a backslash. */
function skipBlanks(reader: Reader): void {
  const blanks = /(?:[ \t]|\\\n)*/y;
  blanks.lastIndex = reader.at;
  reader.at += blanks.exec(reader.text)?.[0].length ?? 0;
}

function refuseAtStart({ text, at }: Reader, first: boolean): void {
  const rest = text.slice(at);
  if (rest.startsWith('#')) throw new Refusal('`#` starts a comment in a shell', ADVICE.quote);
  if (/^~[A-Za-z0-9._-]*(\/|\s|$)/.test(rest)) throw new Refusal('`~` is not expanded', ADVICE.tilde);
  const assignment = first ? /^[A-Za-z_]\w*=/.exec(rest) : null;
  if (assignment) throw new Refusal(`\`${assignment[0]}…\` before a command needs a shell`, ADVICE.variables);
}

function readWord(reader: Reader): string {
  let word = '';
  while (reader.at < reader.text.length) {
    const character = reader.text[reader.at] ?? '';
    if (character === ' ' || character === '\t') break;
    word += readPiece(reader, character);
  }
  return word;
}

function readPiece(reader: Reader, character: string): string {
  if (character === "'") return readSingleQuoted(reader);
  if (character === '"') return readDoubleQuoted(reader);
  if (character === '\\') return readEscaped(reader);
  if (character === '$') return readDollar(reader);
  if (character === '\n' || character === '\r') throw new Refusal('a line break ends a command', ADVICE.list);
  refuseOperator(reader);
  reader.at += 1;
  return character;
}

function refuseOperator({ text, at }: Reader): void {
  const operator = OPERATORS.find(([known]) => text.startsWith(known, at));
  if (operator) throw new Refusal(`\`${operator[0]}\` needs a shell, and commands run without one`, operator[1]);
}

function readSingleQuoted(reader: Reader): string {
  const end = reader.text.indexOf("'", reader.at + 1);
  if (end === -1) throw new Refusal('a single quote is not closed', "close it with `'`");
  const quoted = reader.text.slice(reader.at + 1, end);
  reader.at = end + 1;
  return literal(quoted);
}

function readDoubleQuoted(reader: Reader): string {
  let quoted = '';
  reader.at += 1;
  while (reader.text[reader.at] !== '"') {
    const character = reader.text[reader.at];
    if (character === undefined) throw new Refusal('a double quote is not closed', 'close it with `"`');
    if (character === '\\') quoted += readEscapedInQuotes(reader);
    else if (character === '$') quoted += readDollar(reader);
    else if (character === '`') throw new Refusal('`` ` `` needs a shell, and commands run without one', ADVICE.script);
    else {
      quoted += character;
      reader.at += 1;
    }
  }
  reader.at += 1;
  return quoted;
}

/** In double quotes a backslash takes the meaning only of `$`, `` ` ``, `"`, `\` and a line break; else it stands for itself. */
function readEscapedInQuotes(reader: Reader): string {
  const next = reader.text[reader.at + 1] ?? '';
  reader.at += next === '' ? 1 : 2;
  if (next === '\n') return '';
  return literal('$`"\\'.includes(next) ? next : `\\${next}`);
}

function readEscaped(reader: Reader): string {
  const next = reader.text[reader.at + 1];
  if (next === undefined) throw new Refusal('a backslash at the end escapes nothing', 'leave it away, or double it');
  reader.at += 2;
  return next === '\n' ? '' : literal(next);
}

/** `$NAME` and `${NAME}` are kept and noted; `$(…)`, `${NAME:-…}`, `$1` and the like need a shell. */
function readDollar(reader: Reader): string {
  const rest = reader.text.slice(reader.at);
  const [written, plain, braced] = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(rest) ?? [];
  const name = plain ?? braced;
  if (written !== undefined && name !== undefined) {
    reader.names.push(name);
    reader.at += written.length;
    return written;
  }
  const special = /^\$[({0-9@*#?$!-]/.exec(rest);
  if (special) throw new Refusal(`\`${special[0]}\` needs a shell, and commands run without one`, ADVICE.script);
  reader.at += 1;
  return literal('$');
}

const literal = (text: string): string => text.replaceAll('$', () => '$$');

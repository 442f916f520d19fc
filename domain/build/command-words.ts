/** How a command is spoken of, and what of its output tells why it failed. */

export interface CommandEnd {
  readonly end: 'exited' | 'signalled' | 'timed-out' | 'aborted' | 'not-started';
  readonly code: number | null;
  readonly signal: string | null;
  readonly seconds: number;
  readonly tail: readonly string[];
  readonly error: string | null;
}

const MOST_LINES = 10;
/** What is told travels in messages, histories and reports; the whole output has a file. */
const LONGEST_LINE = 400;

/** The command as a person would type it. */
export const commandWords = (argv: readonly string[]): string => argv.map(quoted).join(' ');

/** Such as `exited with code 2 after 3.1 s`. */
export function endWords({ end, code, signal, seconds, error }: CommandEnd): string {
  const after = `after ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (end === 'not-started') return `could not be started: ${error ?? 'the system gave no reason'}`;
  if (end === 'timed-out') return `was still running ${after} and was ended with all that it had started`;
  if (end === 'aborted') return `was ended by us ${after}`;
  if (end === 'signalled') return `was ended by ${signal ?? 'a signal'} ${after}${memoryHint(signal === 'SIGKILL')}`;
  return `exited with code ${code ?? 0} ${after}${memoryHint(code === 137)}`;
}

/** The last lines that matter, each shortened: from the first that speaks of an error, without what package managers add of themselves. */
export function importantLines(tail: readonly string[]): readonly string[] {
  const usage = tail.findIndex((line) => USAGE.test(line));
  const lines = (usage === -1 ? tail : tail.slice(0, usage))
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !NOISE.test(line));
  return chosen(lines).map(shortened);
}

function chosen(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => ERROR.test(line));
  if (first === -1) return lines.slice(-MOST_LINES);
  const from = lines.slice(first);
  return from.length <= MOST_LINES ? from : [...from.slice(0, MOST_LINES - 3), '…', ...from.slice(-2)];
}

const shortened = (line: string): string => (line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)} …`);

/** Whether the output says that the disk is full. */
export const saysDiskFull = (tail: readonly string[]): boolean =>
  tail.some((line) => /\bENOSPC\b|\bEDQUOT\b|no space left on device|disk quota exceeded/i.test(line));

const ERROR =
  /\b(error|fatal|failed|failure|cannot|can't|exception|not found|ENOENT|EACCES|ENOSPC|ERESOLVE|panic)\b|^\s*(✖|×|not ok)\s/i;
/** From here on npm prints how it is to be called. */
const USAGE = /^npm (error|ERR!) (Clean install a project|Usage:)/;
const NOISE =
  /^npm (error|ERR!)\s*$|^npm (error|ERR!) (A complete log|code ELIFECYCLE|errno|path|command|workspace|location|Lifecycle script)|\/_logs\/|^npm (warn|WARN|notice)|^\s*at .*(node:internal|node_modules)/;

const memoryHint = (killed: boolean): string => (killed ? ' (often: not enough memory)' : '');

const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;

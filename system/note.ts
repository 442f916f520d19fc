/** What our processes on a machine write down for people: lines of their own log (`unit.log`, `keeper.log`), which is their stderr. */
import { visible } from '../domain/visible';

/** One line with the time in front; further lines of a text are set in, and look like no line of ours. Never a secret. */
export function note(text: string): void {
  process.stderr.write(noted(text, new Date()));
}

/** Logs are read with `cat` and `tail`: what an application or a request had a part in must not steer a terminal. */
export const noted = (text: string, at: Date): string =>
  `${at.toISOString()} ${visible(text).replace(/\n(?=[^\n])/g, '\n  ')}\n`;

/** Of whatever was thrown, with where it came from. */
export const traceOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** Words of whatever was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

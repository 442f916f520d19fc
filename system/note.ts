/** What our processes on a machine write down for people: lines of their own log (`unit.log`, `keeper.log`), which is their stderr. */

/** One line with the time in front. Never a secret. */
export function note(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

/** Words of whatever was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

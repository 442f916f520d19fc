/** What is worth knowing and stops nothing. */
import { line, part } from '../line';
import type { Print } from '../print';

/** Prints each warning once. */
export function newWarnings(print: Print): (warnings: readonly string[]) => void {
  const said = new Set<string>();
  return (warnings) => {
    for (const warning of warnings) {
      if (said.has(warning)) continue;
      said.add(warning);
      print.progress(line(part(`warning: ${warning}`, 'warn')));
    }
  };
}

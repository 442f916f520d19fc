/** What runs now: the command with its last output lines, or why something is tried again. */
import type { Look } from '../../deployment';
import type { LiveActivity } from '../../live';
import { line, part, type Line } from '../line';

const OUTPUT_LINES = 3;

export function nowLines({ activities, state }: Look): readonly Line[] {
  if (state !== 'running') return [];
  return activities.flatMap((activity) => [...commandLines(activity), ...retryLines(activity)]);
}

function commandLines({ progress }: LiveActivity): readonly Line[] {
  if (progress?.kind !== 'command') return [];
  return [
    line(part('now  ', 'dim'), part(progress.doing, 'strong')),
    ...progress.lines.slice(-OUTPUT_LINES).map(({ text }) => line(part('   │ ', 'dim'), text)),
  ];
}

function retryLines({ name, attempt, lastFailure }: LiveActivity): readonly Line[] {
  if (attempt < 2 || lastFailure === null) return [];
  return [line(part(`again ${name}, try ${attempt}: `, 'warn'), lastFailure)];
}

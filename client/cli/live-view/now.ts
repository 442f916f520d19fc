/** What runs now: the command with its last output lines, or why something is tried again. */
import { duration } from '../../../domain/reports/words';
import type { Look } from '../../deployment';
import type { LiveActivity } from '../../live';
import { line, part, type Line } from '../line';

const OUTPUT_LINES = 3;

export function nowLines({ activities, state }: Pick<Look, 'activities' | 'state'>, nowMs: number): readonly Line[] {
  if (state !== 'running') return [];
  return activities.flatMap((activity) => [...commandLines(activity, nowMs), ...retryLines(activity)]);
}

function commandLines({ progress }: LiveActivity, nowMs: number): readonly Line[] {
  if (progress?.kind !== 'command') return [];
  return [
    line(part('now  ', 'dim'), part(progress.doing, 'strong'), part(sinceWords(progress, nowMs), 'dim')),
    ...progress.lines.slice(-OUTPUT_LINES).map(({ text }) => line(part('   │ ', 'dim'), text)),
  ];
}

/** A command may say nothing for minutes. */
const sinceWords = ({ since }: { readonly since?: number }, nowMs: number): string =>
  since === undefined ? '' : `  for ${duration((nowMs - since) / 1000)}`;

function retryLines({ name, attempt, lastFailure }: LiveActivity): readonly Line[] {
  if (attempt < 2 || lastFailure === null) return [];
  return [line(part(`again ${name}, try ${attempt}: `, 'warn'), lastFailure)];
}

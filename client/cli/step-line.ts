/** One step event as one line. */
import type { StepEvent } from '../../domain/deployment';
import type { StepState } from '../../domain/words';
import { line, part, type Line, type Style } from './line';
import { headline, padEnd } from './text';

const STYLES: Readonly<Record<StepState, Style>> = {
  started: 'dim',
  succeeded: 'good',
  refused: 'bad',
  inconclusive: 'warn',
  failed: 'bad',
  undone: 'warn',
};

/** `14:03:22 production shift-100      succeeded  all traffic on 1.1.0`; the time is this machine's. What is longer stands whole in the end and in the report. */
export const stepLine = ({ at, phase, step, state, summary }: StepEvent): Line =>
  line(
    part(`${timeOfDay(at)} `, 'dim'),
    part(`${padEnd(phase, 11)} `),
    part(`${padEnd(step, 17)} `, 'strong'),
    part(`${padEnd(state, 12)} `, STYLES[state]),
    headline(summary),
  );

/** An ISO time as the time of day where the reader is. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return Number.isNaN(at.getTime()) ? iso : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

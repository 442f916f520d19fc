/** Lines with styles, laid out before they are coloured: so that width is counted right and a picture can be compared as text. */
import type { Colors } from 'picocolors/types';
import { columns, oneLine, truncate } from './text';
import { trimEnd } from '../../domain/trim-end';

export type Style = 'plain' | 'strong' | 'dim' | 'good' | 'bad' | 'warn' | 'accent';
export interface Segment {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Segment[];

/** A part of a line; what does not belong on one is taken out. */
export const part = (text: string, style: Style = 'plain'): Segment => ({ text: tidy(text), style });
export const line = (...segments: readonly (Segment | string)[]): Line =>
  segments.map((segment) => (typeof segment === 'string' ? part(segment) : segment));

/** A text that may be a list: what follows its first line is set in, and looks like no line of ours. */
export const paragraph = (text: string, style: Style = 'plain'): readonly Line[] =>
  text.split('\n').map((each, at) => line(part(at === 0 ? each : `  ${each}`, style)));

/** The line in at most `width` columns. */
export function fit(whole: Line, width: number): Line {
  const fitted: Segment[] = [];
  let left = width;
  for (const segment of whole) {
    const text = truncate(segment.text, left);
    if (text !== '') fitted.push({ ...segment, text });
    left -= columns(segment.text);
    if (left < 0) break;
  }
  return fitted;
}

export const lineText = (whole: Line): string => whole.map(({ text }) => text).join('');

export function paint(whole: Line, colours: Colors): string {
  const by: Readonly<Record<Style, (text: string) => string>> = {
    plain: (text) => text,
    strong: colours.bold,
    dim: colours.dim,
    good: colours.green,
    bad: colours.red,
    warn: colours.yellow,
    accent: colours.cyan,
  };
  return whole.map(({ text, style }) => by[style](text)).join('');
}

/** Blanks at the ends are layout. */
function tidy(text: string): string {
  const before = /^ */.exec(text)?.[0] ?? '';
  const after = text.slice(trimEnd(text, ' ').length);
  const inner = oneLine(text);
  return inner === '' ? ' '.repeat(Math.min(text.length, before.length + after.length)) : before + inner + after;
}

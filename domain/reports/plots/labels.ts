/** Where the names of moments stand above a plot: beside their line, in as few rows as keep them apart. */
import type { Tone } from '../document';
import type { Moment } from './plot';

export interface Label {
  /** Of the line. */
  readonly x: number;
  readonly textX: number;
  /** On which side of the line the text stands: it goes on to the right, or ends there. */
  readonly anchor: 'starts' | 'ends';
  /** From 0, the lowest number highest up. */
  readonly row: number;
  readonly text: string;
  readonly tone: Tone;
}

interface Room {
  readonly left: number;
  readonly right: number;
  /** Only numbers: the names stand in the plot above. */
  readonly short: boolean;
}

/** Of 11.5 pixels, a little generous: text is not measured, and may not touch its neighbour. */
const CHARACTER = 7.6;
const GAP = 5;

/** @param place from epoch milliseconds to x */
export function labels(moments: readonly Moment[], place: (at: number) => number, room: Room): readonly Label[] {
  const taken: [from: number, to: number][][] = [];
  return moments.map((moment, index) => {
    const text = room.short ? String(index + 1) : `${index + 1} ${moment.label}`;
    const width = text.length * CHARACTER + GAP;
    const x = place(moment.at);
    const anchor = x + width > room.right && x - width >= room.left ? 'ends' : 'starts';
    const from = anchor === 'starts' ? x : x - width;
    const isFree = (spans: [number, number][]): boolean => spans.every(([a, b]) => from + width <= a || from >= b);
    const found = taken.findIndex(isFree);
    const row = found < 0 ? taken.push([]) - 1 : found;
    taken[row]?.push([from, from + width]);
    return { x, textX: anchor === 'starts' ? x + GAP : x - GAP, anchor, row, text, tone: moment.tone };
  });
}

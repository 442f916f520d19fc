/** What a plot shows, whatever draws it. */
import type { Tone } from '../document';

export interface Plot {
  /** One word of letters, digits and hyphens, used once in a document. */
  readonly id: string;
  readonly title: string;
  /** In words, for who cannot see it. */
  readonly says: string;
  readonly unit: '%' | 'ms';
  /** The least value at the top of the scale. */
  readonly atLeast: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lines: readonly PlotLine[];
  readonly moments: readonly Moment[];
  /** Moments are named here, and only numbered in the plots below. */
  readonly isFirst: boolean;
}

export interface PlotLine {
  /** `new 1.2.0` */
  readonly name: string;
  readonly role: 'new' | 'old';
  /** `step`: the value holds until the next; `dots`: measured, beside a line that was set. */
  readonly kind: 'line' | 'step' | 'dots';
  /** Epoch milliseconds and value; null: nothing was measured. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
}

/** When something was decided. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  /** A word or two. */
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
}

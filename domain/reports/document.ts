/** What a document is made of, whatever it is written in. */
import type { Plot } from './plots/plot';

/** How a word is to be taken; shown by a colour and, where there is none, by the word itself. */
export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'plain';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  /** A digest, a command, a name: written in one width. */
  readonly code?: boolean;
  /** Share of a whole (0 to 1), drawn as a bar where one can draw. */
  readonly bar?: number;
}

export type Block =
  | {
      readonly kind: 'facts';
      readonly facts: readonly (readonly [string, Cell])[];
      /** Beside each other where there is room, instead of one below the other. */
      readonly tiles?: boolean;
    }
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
      /** Columns of figures, written to the right. */
      readonly figures: readonly number[];
    }
  | { readonly kind: 'list'; readonly items: readonly Cell[]; readonly numbered?: boolean }
  | { readonly kind: 'plot'; readonly plot: Plot }
  /** Quoted lines, each with where it was found. */
  | { readonly kind: 'evidence'; readonly lines: readonly { readonly from: string; readonly text: string }[] }
  /** To be typed. */
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'text'; readonly text: Cell }
  | { readonly kind: 'heading'; readonly text: string };

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export const cell = (text: string, more: Omit<Cell, 'text'> = {}): Cell => ({ text, ...more });
export const code = (text: string): Cell => ({ text, code: true });

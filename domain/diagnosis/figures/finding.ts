/** What figures say by themselves: a cause with its evidence, beside those that logs tell. */
import type { Cause, Evidence } from '../answer';
import type { Facts } from '../facts';

export type FigureCause = Omit<Cause, 'count' | 'countBefore' | 'evidence'> & {
  readonly evidence: readonly Evidence[];
};

/** Looks at the figures for one kind of trouble. */
export type LookAtFigures = (facts: Facts) => readonly FigureCause[];

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

export const milliseconds = (ms: number): string => `${Math.round(ms).toLocaleString('en')} ms`;

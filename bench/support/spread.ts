/** Numbers of several rounds, as a table shows them. */
import { share } from '../../domain/numbers';

/** `share` of `domain/numbers`, with NaN for no values. */
export const quantile = (values: readonly number[], part: number): number => share(values, part) ?? NaN;

export const middle = (values: readonly number[]): number => quantile(values, 0.5);

/** Median, and the least and the most in brackets: `12.1 (11.8-14.0)`; `-` for no values. */
export function spread(values: readonly number[], digits = 0): string {
  if (values.length === 0) return '-';
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => inDigits(value, digits));
  return `${inDigits(middle(values), digits)} (${least}-${most})`;
}

/** With commas between thousands. */
export const inDigits = (value: number, digits: number): string =>
  Number.isNaN(value)
    ? '-'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** What a bench answers, and how it is printed. */
export interface BenchResult {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the figures are measured against, and what to read them with. */
  readonly notes: readonly string[];
}

export function printed({ title, columns, rows, notes }: BenchResult): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, '', line(columns), rule, ...rows.map(line), '', ...notes.map((note) => `  ${note}`), ''].join('\n');
}

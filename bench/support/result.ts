/** What a bench answers, and how it is printed. */
export interface BenchResult {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What was done, and what to read the figures with. */
  readonly notes: readonly string[];
  readonly goals: readonly Goal[];
}

export interface Goal {
  readonly what: string;
  readonly figure: string;
  /** Such as `at least 20,000`. */
  readonly goal: string;
  readonly isMet: boolean;
}

export function printed({ title, columns, rows, notes, goals }: BenchResult): string {
  return [title, '', table(columns, rows), '', ...notes.map((note) => `  ${note}`), '', summary(goals), ''].join('\n');
}

/** One line a goal: whether it was met, and by what figure. */
export const summary = (goals: readonly Goal[]): string =>
  goals
    .map(({ what, figure, goal, isMet }) => `  ${isMet ? 'met    ' : 'NOT MET'}  ${what}: ${figure} (goal: ${goal})`)
    .join('\n');

/** Says on standard error what goes on, so that standard output stays the result. */
export const progress = (text: string): void => void process.stderr.write(`  … ${text}\n`);

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

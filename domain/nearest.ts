/** The known word that a mistyped one was meant to be. */

/** The nearest of `known`, or null when none is near: at most a third of the letters (at least one) may differ. */
export function nearestWord(written: string, known: readonly string[]): string | null {
  const word = written.toLowerCase();
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(word, candidate.toLowerCase()) }));
  const near = distances.filter(({ candidate, distance }) => distance <= allowance(word, candidate));
  near.sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate ?? null;
}

const allowance = (word: string, candidate: string): number =>
  Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));

/**
 * Least number of letters to insert, delete, replace or swap with their neighbour: optimal string alignment, the restricted
 * form of F. J. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7 (1964).
 */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(cell({ a, b, i, j, rows, row }));
    rows.push(row);
  }
  return at(rows[a.length], b.length);
}

interface Cell {
  readonly a: string;
  readonly b: string;
  readonly i: number;
  readonly j: number;
  readonly rows: readonly (readonly number[])[];
  readonly row: readonly number[];
}

function cell({ a, b, i, j, rows, row }: Cell): number {
  const same = a[i - 1] === b[j - 1];
  const above = rows[i - 1];
  const plain = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1));
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(plain, at(rows[i - 2], j - 2) + 1) : plain;
}

const at = (row: readonly number[] | undefined, column: number): number => row?.[column] ?? Number.POSITIVE_INFINITY;

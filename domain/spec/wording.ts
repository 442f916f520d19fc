/**
 * What a schema says when a value is wrong. zod carries a message as one text; ours has parts, so they travel in that text as
 * JSON and `readWording` takes them out again.
 */
export interface Wording {
  /** Completes "expected …". */
  readonly expected: string;
  /** Words among which the nearest is looked for. */
  readonly known: readonly string[];
  /** What was probably meant, where the schema knows it better than the nearest known word. */
  readonly nearest: string | null;
  /** Keys that are refused in words of their own. */
  readonly refused: Readonly<Record<string, string>>;
}

export const wording = (expected: string, more: Partial<Omit<Wording, 'expected'>> = {}): string =>
  JSON.stringify({ expected, known: [], nearest: null, refused: {}, ...more } satisfies Wording);

/** A text that `wording` did not make is taken as what was expected. */
export function readWording(message: string): Wording {
  if (message.startsWith('{"expected"')) return JSON.parse(message) as Wording;
  return { expected: message, known: [], nearest: null, refused: {} };
}

/** The ways in which values are written. Every scalar arrives as text, exactly as it stands in the file. */
import { z } from 'zod';
import { wording } from './wording';

export interface ScalarKind<T> {
  /** Completes "expected …". */
  readonly expected: string | ((text: string) => string);
  readonly known?: readonly string[];
  /** What was probably meant. */
  readonly meant?: (text: string) => string | null;
  /** The value, or null when the text is none. */
  readonly read: (text: string) => T | null;
  /** How the value looks in JSON Schema; a text by default. */
  readonly json?: Readonly<Record<string, unknown>>;
}

/** A text that is read into something else. */
export function scalar<T>({ expected, known, meant, read, json }: ScalarKind<T>) {
  const said = (text: string): string =>
    wording(typeof expected === 'string' ? expected : expected(text), {
      ...(known && { known }),
      nearest: meant?.(text) ?? null,
    });
  return z
    .string({ error: said('') })
    .transform((text, context): T => {
      const value = read(text);
      if (value !== null) return value;
      context.issues.push({ code: 'custom', message: said(text), input: text });
      return z.NEVER;
    })
    .meta({ ...json });
}

/** One of a few words. `later`: kinds that do not exist yet, each with a remark. */
export function word<const W extends string>(words: readonly W[], what: string) {
  const expected =
    words.length === 1 ? `${words[0]}, which is the only ${what} there is` : `one of ${words.join(', ')}`;
  return scalar<W>({
    expected,
    known: words,
    read: (text) => words.find((known) => known === text) ?? null,
    json: { enum: [...words] },
  });
}

/** A mapping with these keys and no others. `refused`: keys that somebody will look for, with the words that refuse them. */
export function section<S extends z.ZodRawShape>(shape: S, refused: Readonly<Record<string, string>> = {}) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? wording(known.length === 1 ? `the key ${known[0]}` : `one of the keys ${known.join(', ')}`, {
            known,
            refused,
          })
        : wording(`a mapping with ${known.join(', ')}`),
  });
}

/** What stands empty (`watch:` with nothing after it) has its defaults, as if it were not there. */
export const orEmpty = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? {} : value), schema);

export const listOf = <T extends z.ZodType>(item: T, expected: string) =>
  z.preprocess((value) => (value === null ? [] : value), z.array(item, { error: wording(expected) })).prefault([]);

export const mapOf = <K extends z.core.$ZodRecordKey, T extends z.ZodType>(key: K, value: T, expected: string) =>
  orEmpty(z.record(key, value, { error: wording(expected) })).prefault({});

export const orNull = <T extends z.ZodType>(schema: T) => schema.optional().transform((value) => value ?? null);

/** What can be wrong with the text itself, before any schema looks at it. */
import type { YAMLError } from 'yaml';

export interface Fault {
  readonly offset: number;
  readonly value: string | null;
  /** Completes "expected …". */
  readonly expected: string;
  /** Nothing after it can be trusted. */
  readonly fatal: boolean;
}

const WORDS: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'each key once in a mapping',
  MULTIPLE_DOCS: 'one document (without a second ---)',
  TAB_AS_INDENT: 'spaces, not tabs, before the key',
  TAG_RESOLVE_FAILED: 'a value without a tag',
  BLOCK_AS_IMPLICIT_KEY: 'one `key: value` on a line (a text with `: ` in it needs quotes)',
  BAD_SCALAR_START: 'quotes around a text that starts with this character',
  MISSING_CHAR: 'the closing quote or a missing character',
  BAD_INDENT: 'another indentation, or a bracket that is closed',
  BAD_ALIAS: 'an alias as YAML has them, such as *name; a text that starts with * needs quotes',
};

const NOT_FATAL: readonly YAMLError['code'][] = ['TAG_RESOLVE_FAILED'];

/** @param path of the key from the top, with dots; @param line of the one before it */
export const duplicateKey = (offset: number, path: string, line: number): Fault => ({
  offset,
  value: path,
  expected: `${WORDS.DUPLICATE_KEY}; it stands in line ${line} already`,
  fatal: false,
});

/** The error of the parser in our words, with what stands there. */
export function yamlFault(error: YAMLError, text: string): Fault {
  const [start, end] = error.pos;
  const there = /\S.*/.exec(text.slice(start, Math.max(end, start + 1)))?.[0].trim() ?? '';
  return {
    offset: Math.min(start, text.length),
    value: there === '' ? null : there,
    expected: WORDS[error.code] ?? `YAML (${error.message})`,
    fatal: !NOT_FATAL.includes(error.code),
  };
}

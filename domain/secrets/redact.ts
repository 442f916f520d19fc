/**
 * Takes the values of secrets out of text that is kept or shown: as they are, and as base64 (any alignment), base64url, hexadecimal,
 * URL-encoded and JSON-escaped text carry them. Values of fewer than 6 characters are let stand: masking them would garble the text.
 */
import { Buffer } from 'node:buffer';

export const MASK = '[secret]';
const SHORTEST = 6;
/** A line of a value of several lines is masked by itself (logs are read by line), unless it is so short that it may be anything. */
const SHORTEST_LINE = 12;

/** Makes the masking of these values ready once, for many texts. */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const forms = values.flatMap(partsOf).flatMap(formsOf);
  if (forms.length === 0) return (text) => text;
  // Of two that begin alike the longer one is looked for first, so that nothing of it is left.
  forms.sort((a, b) => b.length - a.length);
  const pattern = new RegExp([...new Set(forms.map((form) => form.pattern))].join('|'), 'g');
  return (text) => text.replace(pattern, MASK);
}

export const redact = (text: string, values: readonly string[]): string => createRedactor(values)(text);

function partsOf(value: string): string[] {
  if (value.length < SHORTEST) return [];
  const lines = value.split(/\r?\n/);
  if (lines.length === 1) return [value];
  const trimmed = value.trim();
  return [
    value,
    ...(trimmed.length < SHORTEST ? [] : [trimmed]),
    ...lines.filter((line) => line.length >= SHORTEST_LINE),
  ];
}

interface Form {
  readonly length: number;
  readonly pattern: string;
}

function formsOf(value: string): Form[] {
  const bytes = Buffer.from(value, 'utf8');
  const json = JSON.stringify(value).slice(1, -1);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((offset) => base64Inside(bytes, offset));
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const texts = [json, json.replaceAll('/', '\\/'), hex, hex.toUpperCase(), ...base64, ...base64url];
  return [
    { length: value.length, pattern: anyUrl(value) },
    ...texts.map((text) => ({ length: text.length, pattern: escaped(text) })),
  ];
}

/** Which characters are escaped in a URL differs from maker to maker: each may stand as it is or as its escape. */
const anyUrl = (value: string): string =>
  [...value]
    .map((character) => {
      const escape = [...Buffer.from(character)].map((byte) => `%${hexPattern(byte)}`).join('');
      return `(?:${escaped(character)}|${escape}${character === ' ' ? '|\\+' : ''})`;
    })
    .join('');

const hexPattern = (byte: number): string =>
  byte
    .toString(16)
    .padStart(2, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** The characters of base64 that depend on the value alone when `offset` bytes (modulo 3) of something else stand before it. */
function base64Inside(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/**
 * Takes the values of secrets out of text that is kept or shown: as they are, and as base64 (any alignment), base64url, hexadecimal,
 * URL-encoded, JSON-escaped and inspected text carry them. Values of fewer than 6 characters are let stand: masking them would garble the text.
 */
import { Buffer } from 'node:buffer';

export const MASK = '[secret]';
/** Pieces of one value that follow each other. */
const RUN = /(?:\[secret\]){2,}/g;
const SHORTEST = 6;
/** A line of a value of several lines is masked by itself (logs are read by line), unless it is so short that it may be anything. */
const SHORTEST_LINE = 12;
/** Longer values are masked piece by piece, and long lists of forms by several patterns: V8 refuses patterns above some size. */
const PIECE = 256;
const LONGEST_PATTERN = 100_000;

/** Makes the masking of these values ready once, for many texts. */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const forms = values.flatMap(partsOf).flatMap(formsOf);
  // Of two that begin alike the longer one is looked for first, so that nothing of it is left.
  forms.sort((a, b) => b.length - a.length);
  const patterns = patternsOf([...new Set(forms.map((form) => form.pattern))]);
  return (text) => {
    const masked = patterns.reduce((left, pattern) => left.replace(pattern, MASK), text);
    return masked === text ? text : masked.replaceAll(RUN, MASK);
  };
}

export const redact = (text: string, values: readonly string[]): string => createRedactor(values)(text);

function patternsOf(forms: readonly string[]): RegExp[] {
  const groups: string[][] = [];
  let room = 0;
  for (const form of forms) {
    if (form.length > room) {
      groups.push([]);
      room = LONGEST_PATTERN;
    }
    groups.at(-1)?.push(form);
    room -= form.length;
  }
  return groups.map((group) => new RegExp(group.join('|'), 'g'));
}

function partsOf(value: string): string[] {
  const lines = value.split(/\r?\n/);
  const long = lines.length === 1 ? [] : lines.filter((line) => line.length >= SHORTEST_LINE);
  return [value, value.trim(), ...long].filter((part) => part.length >= SHORTEST).flatMap(piecesOf);
}

/** The last piece takes what is left over, so that none is short. */
function piecesOf(part: string): string[] {
  const count = Math.max(1, Math.floor(part.length / PIECE));
  return Array.from({ length: count }, (_, piece) =>
    part.slice(piece * PIECE, piece === count - 1 ? undefined : (piece + 1) * PIECE),
  );
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
  const texts = [json, json.replaceAll('/', '\\/'), inspected(value), hex, hex.toUpperCase(), ...base64, ...base64url];
  return [
    { length: value.length, pattern: anyUrl(value) },
    ...texts.map((text) => ({ length: text.length, pattern: escaped(text) })),
  ];
}

/** As Node quotes a text in its messages: `\x1B`, `\'`. */
const inspected = (value: string): string =>
  JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/\\u00([0-9a-f]{2})/g, (_, digits: string) => `\\x${digits.toUpperCase()}`)
    .replace(BEYOND_JSON, (character) => `\\x${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Controls that JSON lets stand. */
const BEYOND_JSON = new RegExp('[\\u007f-\\u009f]', 'g');

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

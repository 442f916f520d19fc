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
  const forms = new Set(values.flatMap(partsOf).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'g');
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

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const wellFormed = bytes.toString('utf8');
  const url = encodeURIComponent(wellFormed);
  const json = JSON.stringify(wellFormed).slice(1, -1);
  const hex = bytes.toString('hex');
  return [
    value,
    json,
    json.replaceAll('/', '\\/'),
    url,
    strictUrl(url),
    lowerEscapes(url),
    strictUrl(url).replaceAll('%20', '+'),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => {
      const inner = base64Inside(bytes, offset);
      return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
    }),
  ];
}

/** The characters of base64 that depend on the value alone when `offset` bytes (modulo 3) of something else stand before it. */
function base64Inside(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** RFC 3986 reserves these as well; form encoding (WHATWG URL) escapes most of them. */
const strictUrl = (url: string): string =>
  url.replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const lowerEscapes = (url: string): string => url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

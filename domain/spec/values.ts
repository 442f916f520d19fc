/** The values of the spec: texts, numbers, shares, times, paths, names. */
import { z } from 'zod';
import { nearestWord } from '../nearest';
import { formatDuration, parseDuration, parseShare, parseSize } from '../units';
import { scalar } from './kinds';
import { personProblem } from '../approvals/person';
import { wording } from './wording';

const CONTROL = /[\u0000-\u001f\u007f\u0080-\u009f\u2028\u2029]/;

/** Any text, taken exactly as it is written: `500`, `no` and `1e3` are not interpreted, and nothing is the empty text. */
export const variableText = z
  .preprocess(
    (value) => (value === null ? '' : value),
    z
      .string({ error: wording('a text') })
      .refine((text) => !text.includes('\0'), { error: wording('a text without NUL characters') }),
  )
  .meta({ type: ['string', 'number', 'boolean', 'null'] });

/** A text on one line that says something. */
export const lineText = (expected: string) =>
  scalar({ expected, read: (text) => (text.trim() === '' || CONTROL.test(text) ? null : text) });

export const personName = scalar({
  expected: 'a name of at most 100 characters on one line, such as ana',
  read: (text) => (personProblem(text) === null ? text : null),
});

const named = (pattern: RegExp, expected: string) =>
  z.string({ error: wording(expected) }).regex(pattern, { error: wording(expected) });

export const variableName = named(
  /^[A-Za-z_][A-Za-z0-9_]{0,199}$/,
  'a name of letters, digits and _ that does not start with a digit, such as LOG_LEVEL',
);

export const partName = named(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/,
  'a name of at most 40 letters, digits, dots, dashes and underscores, such as main',
);

export const flag = scalar({
  expected: 'true or false',
  known: ['true', 'false'],
  read: (text) => (text === 'true' ? true : text === 'false' ? false : null),
  json: { type: 'boolean' },
});

export function whole(least: number, most: number) {
  return scalar({
    expected: `a whole number from ${least} to ${most}`,
    read: (text) => (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : null),
    json: { type: 'integer', minimum: least, maximum: most },
  });
}

export const port = whole(1, 65_535);

const NUMBER = '[0-9]+(\\.[0-9]+)?';
const LONG_UNITS: Readonly<Record<string, string>> = {
  milliseconds: 'ms',
  msec: 'ms',
  seconds: 's',
  secs: 's',
  minutes: 'm',
  mins: 'm',
  hours: 'h',
  hrs: 'h',
  days: 'd',
};

/** Milliseconds. `least`: the shortest that makes sense. */
export function duration(least = 0) {
  const bound = least > 1 ? ` of at least ${formatDuration(least)}` : '';
  return scalar({
    expected: `a duration${bound} with a unit, such as 30s, 5m, 24h`,
    meant: meantDuration,
    read: (text) => {
      const ms = parseDuration(text);
      return ms !== null && ms >= least && ms <= 366 * 86_400_000 ? ms : null;
    },
    json: { title: 'duration', pattern: `^(${NUMBER}(ms|s|m|h|d))+$` },
  });
}

function meantDuration(text: string): string | null {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  if (unit === undefined) return null;
  const short = parseDuration(`1${unit.toLowerCase()}`) === null ? null : unit.toLowerCase();
  const long = short ?? LONG_UNITS[nearestWord(unit, Object.keys(LONG_UNITS)) ?? ''];
  return long === undefined || `${count}${long}` === text ? null : `${count}${long}`;
}

export const size = scalar({
  expected: 'a size with a unit, such as 500KB, 512MiB, 1GB',
  meant: (text) => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt])b?$/i.exec(text) ?? [];
    return unit === undefined ? null : `${count}${unit.toUpperCase()}B`;
  },
  read: (text) => parseSize(text) || null,
  json: { title: 'size', pattern: `^${NUMBER} ?([KMGT]i?B|B)$` },
});

/** 0 to 1. */
export const share = scalar({
  expected: 'a share from 0% to 100%, such as 1%, 0.5%, 80%',
  meant: (text) => (/^\d{1,2}(\.\d+)?$/.test(text) ? `${text}%` : null),
  read: parseShare,
  json: { title: 'share', pattern: `^${NUMBER} ?%$` },
});

/** A path below the application's folder, without `./`, `..` and a slash at the end. */
export function relativePath(example: string) {
  return scalar({
    expected: `a path below the application's folder, without .. and not starting with / or -, such as ${example}`,
    read: (text) => {
      const parts = text.split('/').filter((part) => part !== '' && part !== '.');
      const confined = !text.startsWith('/') && !parts.includes('..') && !CONTROL.test(text);
      if (!confined || text.trim() === '' || parts.some((part) => part.startsWith('-'))) return null;
      return parts.join('/') || '.';
    },
    json: { title: 'path' },
  });
}

/** What is asked for on a web server: path and query. */
export const urlPath = scalar({
  expected: 'a path that starts with /, without spaces and #, such as /healthz or /search?q=x',
  read: (text) => (/^\/[\x21\x22\x24-\x7e]*$/.test(text) && !text.startsWith('//') ? text : null),
  json: { title: 'URL path', pattern: '^/' },
});

export const webUrl = scalar({
  expected: 'a URL that starts with http:// or https:// and holds no user name or password',
  read: (text) => (isWebUrl(text) ? text : null),
  json: { title: 'URL', pattern: '^https?://' },
});

export function isWebUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s/]/.test(text) || CONTROL.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '';
}

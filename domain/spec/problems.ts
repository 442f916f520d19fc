/** From what zod says to problems in our words. */
import type { z } from 'zod';
import { nearestWord } from '../nearest';
import { visible } from '../visible';
import type { Path, WrittenDocument } from './document';
import type { Problem } from './spec';
import { readWording } from './wording';
import type { Wording } from './wording';

type Issue = z.core.$ZodIssue;

/** One thing that is wrong, by the path of the value. */
export interface Finding {
  readonly path: Path;
  readonly wording: Wording;
  /** The key that is wrong, where it is not the value. */
  readonly key?: string;
}

/** Every finding of an issue: one for each unknown key, and those of the union's alternative that was meant. */
export function findings(issue: Issue, base: Path = []): Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(path, key, readWording(issue.message)));
  if (issue.code === 'invalid_union')
    return alternative(issue.errors, path) ?? [{ path, wording: readWording(issue.message) }];
  if (issue.code === 'invalid_key') {
    const said = issue.issues[0]?.message ?? issue.message;
    return [{ path: path.slice(0, -1), wording: readWording(said), key: String(path.at(-1)) }];
  }
  return [{ path, wording: readWording(issue.message) }];
}

function unknownKey(path: Path, key: string, wording: Wording): Finding {
  const refused = Object.hasOwn(wording.refused, key) ? wording.refused[key] : undefined;
  const said = refused === undefined ? wording : { ...wording, known: [], expected: `no such key: ${refused}` };
  return { path, wording: said, key };
}

/** The alternative that has the right form and the fewest problems; null when none has the right form. */
function alternative(errors: readonly (readonly Issue[])[], path: Path): Finding[] | null {
  const meant = errors
    .filter((issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0))
    .map((issues) => issues.flatMap((issue) => findings(issue, path)))
    .sort((a, b) => a.length - b.length);
  return meant[0] ?? null;
}

/** What may hold the value of a secret, by mistake or by right, is never repeated. */
const HIDDEN = [/^environments\.\w+\.(secrets|databases|services)\./, /^notify\.\d+\.url$/];
const LONGEST = 60;

export function toProblem({ path, wording, key }: Finding, document: WrittenDocument, file: string): Problem {
  const at = placeOf(path, key, document);
  const hidden = key === undefined && HIDDEN.some((pattern) => pattern.test(path.join('.')));
  return {
    file,
    ...document.position(at.offset),
    path: formatPath(path),
    value: at.written === null ? null : hidden ? '(not shown)' : shorten(at.written),
    expected: wording.expected,
    nearest: wording.nearest ?? (at.written === null ? null : nearestWord(unquoted(at.written), wording.known)),
  };
}

interface Written {
  readonly offset: number;
  readonly written: string | null;
}

function placeOf(path: Path, key: string | undefined, document: WrittenDocument): Written {
  if (key !== undefined)
    return { offset: document.place([...path, key])?.key ?? nearestOffset(path, document), written: key };
  const place = document.place(path);
  return { offset: place?.value ?? nearestOffset(path, document), written: place?.written ?? null };
}

/** Of what is missing, the place of what it is missing in. */
function nearestOffset(path: Path, document: WrittenDocument): number {
  for (let length = path.length - 1; length > 0; length--) {
    const place = document.place(path.slice(0, length));
    if (place !== null) return place.key;
  }
  return 0;
}

/** `environments.production.smoke[0].get`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const plain = /^[\w-]+$/.test(part) ? part : visible(JSON.stringify(part));
    return text === '' ? plain : `${text}.${plain}`;
  }, '');

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

export function shorten(text: string): string {
  // On one line, and so that nothing writes over it or turns it round.
  const shown = visible(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r'));
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown;
}

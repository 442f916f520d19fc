/** Reads coverage reports, and decides whether they show enough. */
import { percent } from '../numbers';
import type { Finding } from './gate';

export type CoverageReading =
  | {
      readonly kind: 'read';
      readonly format: string;
      readonly share: number;
      readonly covered: number | null;
      readonly lines: number | null;
    }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** What the file was found to be where there was no text to read. */
export type CoverageFile =
  { readonly kind: 'missing' } | { readonly kind: 'stale' } | { readonly kind: 'unreadable'; readonly problem: string };

/** Lines covered, from `coverage-summary.json` (istanbul), Cobertura XML or lcov: told apart by their first character. */
export function readCoverage(text: string): CoverageReading {
  const start = text.trimStart()[0];
  if (start === undefined) return unreadable('it is empty');
  if (start === '{') return readSummary(text);
  return start === '<' ? readCobertura(text) : readLcov(text);
}

/** Enough, too little, or not to be told. */
export function coverageFinding(path: string, minimum: number, file: CoverageReading | CoverageFile): Finding {
  const unknown = (message: string, remedy: string): Finding => ({
    id: 'coverage',
    verdict: 'inconclusive',
    message,
    remedy,
  });
  const writes = `let the tests write it, or correct \`tests.coverage\``;
  if (file.kind === 'missing') return unknown(`the tests wrote no coverage report ${path}`, writes);
  if (file.kind === 'stale') return unknown(`the coverage report ${path} is older than this run of the tests`, writes);
  if (file.kind === 'unreadable') return unknown(`the coverage report ${path} cannot be read: ${file.problem}`, KNOWN);
  const { share, covered, lines, format } = file;
  const measured =
    covered === null || lines === null
      ? percent(share, 1)
      : `${percent(covered, lines)} of lines (${covered} of ${lines})`;
  const message = `${measured} covered, at least ${percent(minimum, 1)} asked for, from ${path} (${format})`;
  if (share >= minimum) return { id: 'coverage', verdict: 'passed', message, remedy: null };
  return {
    id: 'coverage',
    verdict: 'refused',
    message,
    remedy: 'test what is not covered, or change `tests.coverage.minimum`',
  };
}

const KNOWN = 'coverage-summary.json (istanbul, c8, jest), lcov and Cobertura XML are known';
const unreadable = (problem: string): CoverageReading => ({ kind: 'unreadable', problem });

function counted(format: string, covered: number, lines: number): CoverageReading {
  if (!Number.isFinite(covered) || !Number.isFinite(lines)) return unreadable('its numbers of lines are no numbers');
  if (lines === 0) return unreadable('it covers no line at all');
  if (covered < 0 || covered > lines) return unreadable(`${covered} of ${lines} lines cannot be covered`);
  return { kind: 'read', format, share: covered / lines, covered, lines };
}

function readSummary(text: string): CoverageReading {
  let summary: { total?: { lines?: { total?: unknown; covered?: unknown } } } | null;
  try {
    summary = JSON.parse(text) as typeof summary;
  } catch {
    return unreadable('it is not JSON');
  }
  const lines = summary?.total?.lines;
  if (typeof lines?.total !== 'number' || typeof lines.covered !== 'number')
    return unreadable('it has no `total.lines` as coverage-summary.json has');
  return counted('coverage-summary.json', lines.covered, lines.total);
}

/** Numbers and attributes stand in short lines; what is longer is none of them. */
const LONGEST_LINE = 10_000;

/** `LF` and `LH` are lines found and hit of one file; `DA:line,hits` one line (geninfo(1)). */
function readLcov(text: string): CoverageReading {
  const sums = { LF: 0, LH: 0, DA: 0, hit: 0, ends: 0 };
  for (const line of text.split('\n')) {
    const [key, rest] = [line.slice(0, 3), line.slice(3, LONGEST_LINE).trimEnd()];
    if (key === 'LF:') sums.LF += Number(rest);
    if (key === 'LH:') sums.LH += Number(rest);
    if (key === 'DA:') {
      sums.DA += 1;
      if (Number(rest.split(',')[1]) > 0) sums.hit += 1;
    }
    if (line.startsWith('end_of_record')) sums.ends += 1;
  }
  if (sums.ends === 0) return unreadable('it is not lcov: no `end_of_record`');
  return sums.LF > 0 ? counted('lcov', sums.LH, sums.LF) : counted('lcov', sums.hit, sums.DA);
}

function readCobertura(text: string): CoverageReading {
  const from = text.search(/<coverage\b/);
  const to = text.indexOf('>', from);
  const attributes = text.slice(from, Math.min(to, from + LONGEST_LINE));
  if (from === -1 || to === -1) return unreadable('it has no `<coverage>` as Cobertura has');
  const attribute = (name: string) => new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1];
  const [covered, valid, rate] = ['lines-covered', 'lines-valid', 'line-rate'].map(attribute);
  if (covered !== undefined && valid !== undefined) return counted('Cobertura', Number(covered), Number(valid));
  const share = rate === undefined || rate === '' ? NaN : Number(rate);
  if (!(share >= 0 && share <= 1))
    return unreadable('its `<coverage>` has neither lines-covered and lines-valid nor a line-rate');
  return { kind: 'read', format: 'Cobertura', share, covered: null, lines: null };
}

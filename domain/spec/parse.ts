import { TIERS } from '../words';
import type { Tier } from '../words';
import { checkConsistency } from './consistency';
import type { ParsedEnvironment } from './consistency';
import { readDocument } from './document';
import type { WrittenDocument } from './document';
import { ENVIRONMENTS } from './environment';
import { findings, shorten, toProblem } from './problems';
import type { Finding } from './problems';
import { specSchema } from './schema';
import { sizeFindings } from './size';
import type { Problem, Spec } from './spec';
import type { Fault } from './yaml-faults';

export type ParsedSpec =
  | { readonly ok: true; readonly spec: Spec; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a spec: YAML 1.2, every default filled in, durations in milliseconds, sizes in bytes, shares between 0 and 1. Names every
 * problem at once, in the order of the file; `file` is only what they call it. Never throws for any text.
 */
export function parseSpec(text: string, file: string): ParsedSpec {
  const document = readDocument(text);
  const faults = document.faults.map((fault) => faultProblem(fault, document, file));
  if (document.faults.some((fault) => fault.fatal)) return { ok: false, problems: inOrder(faults) };
  const result = specSchema.safeParse(document.value ?? {});
  const wrong = result.success ? [] : result.error.issues.flatMap((issue) => findings(issue));
  const { problems, warnings } = consistency(document);
  const said = (found: readonly Finding[]): Problem[] => found.map((finding) => toProblem(finding, document, file));
  const large = result.success ? sizeFindings(result.data) : [];
  const all = [...faults, ...said([...wrong, ...problems, ...large])];
  if (!result.success || all.length > 0) return { ok: false, problems: inOrder(all) };
  return { ok: true, spec: result.data, warnings: inOrder(said(warnings)) };
}

/** Looks at every environment of which enough is right, whatever is wrong elsewhere. */
function consistency(document: WrittenDocument) {
  const written = mapping(mapping(document.value)['environments']);
  const environments = TIERS.flatMap((tier) => environmentOf(tier, written[tier]) ?? []);
  return checkConsistency(environments, Object.keys(written));
}

const NEEDED = ['platform', 'traffic', 'variables', 'secrets', 'requires'];

/** The environment without the sections that are wrong in themselves, or null when one is that the others are checked against. */
function environmentOf(tier: Tier, raw: unknown): ParsedEnvironment | null {
  const result = ENVIRONMENTS[tier].safeParse(raw);
  if (result.success) return { parsed: result.data, raw };
  const wrong = result.error.issues.flatMap((issue) => findings(issue)).map(({ path, key }) => path[0] ?? key ?? '');
  if (wrong.some((section) => section === '' || NEEDED.includes(String(section)))) return null;
  const right = Object.fromEntries(Object.entries(mapping(raw)).filter(([section]) => !wrong.includes(section)));
  const rest = ENVIRONMENTS[tier].safeParse(right);
  return rest.success ? { parsed: rest.data, raw: right } : null;
}

const mapping = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const faultProblem = ({ offset, value, expected }: Fault, document: WrittenDocument, file: string): Problem => ({
  file,
  ...document.position(offset),
  path: '',
  value: value === null ? null : shorten(value),
  expected,
  nearest: null,
});

const inOrder = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);

/** Reads YAML 1.2 into plain values in which every scalar is the text that stands in the file, and notes where each stands. */
import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Alias, Document, Pair, ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { duplicateKey, yamlFault } from './yaml-faults';
import type { Fault } from './yaml-faults';

/** Far beyond any real spec. What is small and unfolds into much, or takes the parser long, ends here: within a second, and with words. */
const LIMITS = { bytes: 100_000, nodes: 20_000, depth: 40, brackets: 200, unfolded: 300_000 } as const;
/** Bytes, at most. */
export const LONGEST_SPEC = LIMITS.bytes;
/** As much of a value is kept as a person may be shown. */
const SHOWN = 1_000;

export type Path = readonly (string | number)[];

/** Where a value stands, as offsets into the text. */
export interface Place {
  /** Of its key; of the value itself in a list. */
  readonly key: number;
  readonly value: number;
  /** As it stands in the file; null where nothing is written. */
  readonly written: string | null;
}

export interface WrittenDocument {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** The place of what stands at `path`, or null when nothing does. */
  place(path: Path): Place | null;
  position(offset: number): { line: number; column: number };
}

/** Never throws for any text: what is wrong with it is in `faults`, and `value` is null when it could not be read. */
export function readDocument(text: string): WrittenDocument {
  const lines = new LineCounter();
  const places = new Map<string, Place>();
  const shared = {
    place: (path: Path) => places.get(keyOf(path)) ?? null,
    position: (offset: number) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    },
  };
  if (text.length > LIMITS.bytes)
    return { ...shared, value: null, faults: [tooLarge(0, `${LIMITS.bytes} characters`)] };
  const bracket = tooDeepBracket(text);
  if (bracket !== null) return { ...shared, value: null, faults: [tooLarge(bracket, `${LIMITS.brackets} levels`)] };
  // Its own search for keys that come twice compares each with each.
  const options = { schema: 'failsafe', lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const faults = [...document.errors, ...document.warnings].map((error) => yamlFault(error, text));
  if (faults.some((fault) => fault.fatal)) return { ...shared, value: null, faults };
  const walk: Walk = { text, targets: targetsOf(document), places, faults, open: new Set(), nodes: 0, characters: 0 };
  const value = convert(walk, document.contents, []);
  return { ...shared, value: walk.faults.some((fault) => fault.fatal) ? null : value, faults: walk.faults };
}

const keyOf = (path: Path): string => path.join('\u0000');

interface Walk {
  readonly text: string;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly places: Map<string, Place>;
  readonly faults: Fault[];
  /** What is being written out at the moment. */
  readonly open: Set<Node>;
  nodes: number;
  characters: number;
}

type Node = ParsedNode | Alias | null;

/** The offset of a bracket within too many others; null: there is none. */
function tooDeepBracket(text: string): number | null {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > LIMITS.brackets) return index;
  }
  return null;
}

/** All in one pass, since looking for the anchor of one alias reads the whole document. An anchor counts from where it stands. */
function targetsOf(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, (_key, node) => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source) ?? null);
    else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode);
  });
  return targets;
}

const tooLarge = (offset: number, limit: string): Fault => ({
  offset,
  value: null,
  expected: `at most ${limit}, aliases written out`,
  fatal: true,
});

function convert(walk: Walk, node: Node, path: Path): unknown {
  walk.nodes += 1;
  const offset = node?.range?.[0] ?? 0;
  if (walk.nodes === LIMITS.nodes) walk.faults.push(tooLarge(offset, `${LIMITS.nodes} values`));
  if (walk.nodes >= LIMITS.nodes) return null;
  if (path.length > LIMITS.depth) {
    walk.nodes = LIMITS.nodes;
    walk.faults.push(tooLarge(offset, `${LIMITS.depth} levels`));
    return null;
  }
  if (isAlias(node)) return convertAlias(walk, node, path);
  if (isScalar(node)) return isEmptyPlain(node) ? null : textOf(walk, node);
  if (isSeq(node)) return convertList(walk, node, path);
  return isMap(node) ? convertMap(walk, node, path) : null;
}

const isEmptyPlain = (node: Scalar): boolean => node.type === 'PLAIN' && node.value === '';

function textOf(walk: Walk, node: Scalar): string {
  const text = String(node.value);
  walk.characters += text.length;
  if (walk.characters > LIMITS.unfolded && walk.nodes < LIMITS.nodes) {
    walk.nodes = LIMITS.nodes;
    walk.faults.push(tooLarge(node.range?.[0] ?? 0, `${LIMITS.unfolded} characters`));
  }
  return text;
}

function convertAlias(walk: Walk, alias: Alias, path: Path): unknown {
  const target = walk.targets.get(alias) ?? undefined;
  const offset = alias.range?.[0] ?? 0;
  if (target === undefined || walk.open.has(target)) {
    const expected =
      target === undefined ? `an anchor &${alias.source} above` : 'an alias that does not contain itself';
    walk.faults.push({ offset, value: `*${alias.source}`, expected, fatal: target !== undefined });
    return null;
  }
  walk.open.add(target);
  const value = convert(walk, target, path);
  walk.open.delete(target);
  return value;
}

function convertList(walk: Walk, list: YAMLSeq<Node>, path: Path): unknown[] {
  return list.items.map((item, index) => {
    const here = [...path, index];
    note(walk, here, { key: item?.range?.[0] ?? 0, node: item });
    return convert(walk, item, here);
  });
}

function convertMap(walk: Walk, map: YAMLMap<Node, Node>, path: Path): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  const [merges, pairs] = [map.items.filter(isMerge), map.items.filter((pair) => !isMerge(pair))];
  for (const merge of merges) Object.assign(plain, convertMerge(walk, merge, path));
  const written = new Map<string, number>();
  for (const pair of pairs) {
    const key = keyText(walk, pair);
    if (key === null) continue;
    const here = [...path, key];
    const offset = pair.key?.range?.[0] ?? 0;
    const before = written.get(key);
    if (before !== undefined) walk.faults.push(duplicateKey(offset, here.join('.'), lineOf(walk, before)));
    else written.set(key, offset);
    note(walk, here, { key: offset, node: pair.value });
    plain[key] = convert(walk, pair.value, here);
  }
  return plain;
}

const lineOf = ({ text }: Walk, offset: number): number => text.slice(0, offset).split('\n').length;

/** `<<: *name` takes over the keys of another mapping; those written beside it win. */
const isMerge = ({ key }: Pair<Node, Node>): boolean => isScalar(key) && key.type === 'PLAIN' && key.value === '<<';

function convertMerge(walk: Walk, pair: Pair<Node, Node>, path: Path): Record<string, unknown> {
  const sources = isSeq(pair.value) ? (pair.value as YAMLSeq<Node>).items : [pair.value];
  const merged: Record<string, unknown> = {};
  for (const source of [...sources].reverse()) {
    const value = convert(walk, source, path);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) Object.assign(merged, value);
    else
      walk.faults.push({
        offset: pair.key?.range?.[0] ?? 0,
        value: '<<',
        expected: 'the alias of a mapping, such as <<: *defaults',
        fatal: false,
      });
  }
  return merged;
}

function keyText(walk: Walk, { key }: Pair<Node, Node>): string | null {
  const text = isScalar(key) ? String(key.value) : null;
  if (text !== null && text !== '__proto__') return text;
  const offset = key?.range?.[0] ?? 0;
  walk.faults.push({ offset, value: text, expected: 'a key that is a plain text', fatal: false });
  return null;
}

function note(walk: Walk, path: Path, { key, node }: { key: number; node: Node }): void {
  const [start, end] = node?.range ?? [key, key];
  const written = walk.text
    .slice(start, Math.min(end, start + SHOWN))
    .replace(/\s+/g, ' ')
    .trim();
  walk.places.set(keyOf(path), { key, value: written === '' ? key : start, written: written === '' ? null : written });
}

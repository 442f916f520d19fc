/** Yarn's Plug'n'Play: packages lie in archives, and `.pnp.cjs` says where. */
import { isWithin, shown } from '../source/paths';
import { trimEnd } from '../trim-end';
import type { PackageNeeds } from './production';

export const PNP_FILE = '.pnp.cjs';
/** Where the table of packages lies when it is not in the program itself (`pnpEnableInlining: false`). */
export const PNP_DATA = '.pnp.data.json';

type Reference = string | readonly [string, string] | null;
type Dependency = readonly [string, Reference];

interface PnpPackage {
  readonly packageLocation: string;
  readonly packageDependencies: readonly Dependency[];
}

export interface PnpTable {
  readonly dependencyTreeRoots: readonly { readonly name: string; readonly reference: string }[];
  readonly packageRegistryData: readonly (readonly [
    string | null,
    readonly (readonly [string | null, PnpPackage])[],
  ])[];
}

/** The table in the text of `.pnp.cjs` or `.pnp.data.json`; null: it is none. */
export function pnpTable(text: string): PnpTable | null {
  try {
    const table = JSON.parse(literalIn(text) ?? argumentIn(text) ?? text) as Partial<PnpTable>;
    const isOne = Array.isArray(table.packageRegistryData) && Array.isArray(table.dependencyTreeRoots);
    return isOne ? (table as PnpTable) : null;
  } catch {
    return null;
  }
}

/** Yarn 3 and 4: a text in single quotes that goes on over line ends. Megabytes in large repositories, so no pattern looks for its end. */
function literalIn(text: string): string | null {
  const begin = /(?:RAW_RUNTIME_STATE\s*=\s*|hydrateRuntimeState\(JSON\.parse\()'/.exec(text);
  if (begin === null) return null;
  const from = begin.index + begin[0].length;
  let end = text.indexOf("'", from);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf("'", end + 1);
  if (end === -1) return null;
  return text.slice(from, end).replace(/\\([^])/g, (_, character: string) => (character === '\n' ? '' : character));
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

/** Yarn 2: it stands in the program itself. */
function argumentIn(text: string): string | null {
  const [begin, end] = ['return hydrateRuntimeState(', ', {basePath'];
  const from = text.indexOf(begin);
  const to = from === -1 ? -1 : text.indexOf(end, from);
  return to === -1 ? null : text.slice(from + begin.length, to);
}

/** Why an artifact with this table would miss packages, in words; null: all of them lie in the application. */
export function pnpProblem(table: PnpTable): string | null {
  const out = rowsOf(table).find(({ location }) => location === null);
  if (out === undefined) return null;
  const next =
    'let yarn keep its packages in the application (enableGlobalCache: false, and no other cacheFolder, in .yarnrc.yml), or use nodeLinker: node-modules';
  return `${PNP_FILE} takes ${out.name} from ${shown(out.given)}, which lies out of the application: no release would find it. Next: ${next}`;
}

/** Archives and folders of packages that no production dependency of the application or its workspaces leads to. */
export function pnpOnlyForDevelopment(
  table: PnpTable,
  packages: ReadonlyMap<string, PackageNeeds>,
): ReadonlySet<string> {
  const rows = rowsOf(table);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const roots = table.dependencyTreeRoots.map(({ name, reference }) => keyOf(name, reference));
  const needed = new Set(roots);
  for (const key of needed) {
    const row = byKey.get(key);
    if (row === undefined) continue;
    const development = developmentOf(row, packages);
    for (const [name, reference] of row.dependencies)
      if (reference !== null && !development.has(name)) needed.add(referenceKey(name, reference));
  }
  const kept = new Set(rows.flatMap((row) => (needed.has(row.key) ? [row.unit] : [])));
  return new Set(rows.flatMap(({ unit }) => (unit === '' || kept.has(unit) || isAmong(unit, packages) ? [] : [unit])));
}

interface Row {
  readonly key: string;
  readonly name: string;
  readonly dependencies: readonly Dependency[];
  /** As the table has it. */
  readonly given: string;
  /** Relative to the application; null: it lies out of it. */
  readonly location: string | null;
  /** The archive, or the folder, that holds it; empty: what is not an installed package. */
  readonly unit: string;
}

function rowsOf({ packageRegistryData }: PnpTable): readonly Row[] {
  return packageRegistryData.flatMap(([name, versions]) =>
    versions.map(([reference, { packageLocation, packageDependencies }]) => {
      const location = placeOf(packageLocation);
      return {
        key: keyOf(name ?? '', reference ?? ''),
        name: name ?? 'the application',
        dependencies: packageDependencies,
        given: packageLocation,
        location,
        unit: unitOf(location ?? ''),
      };
    }),
  );
}

const keyOf = (name: string, reference: string): string => JSON.stringify([name, reference]);
/** A pair names another package than the one asked for (an alias). */
const referenceKey = (name: string, reference: string | readonly [string, string]): string =>
  typeof reference === 'string' ? keyOf(name, reference) : keyOf(reference[0], reference[1]);

/** Packages with peers have places that are not real: `A/__virtual__/<hash>/<n>/rest` stands for `rest`, n folders above A. */
function placeOf(location: string): string | null {
  if (location.startsWith('/')) return null;
  const [, before = '', levels = '', rest = ''] =
    /^(.*?)\/?(?:__virtual__|\$\$virtual)\/[^/]+\/(\d+)\/(.*)$/.exec(location) ?? [];
  const plain = levels === '' ? location : `${before}/${'../'.repeat(Number(levels))}${rest}`;
  const parts: string[] = [];
  for (const part of plain.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function unitOf(location: string): string {
  const archive = /^[^\n]*?\.zip(?=\/|$)/.exec(location)?.[0];
  if (archive !== undefined) return archive;
  const folder = location.indexOf('/node_modules/');
  return folder === -1 ? '' : trimEnd(location.slice(0, folder), '/');
}

/** Only of the application's own packages: what others need for their development is not installed. */
function developmentOf({ location, unit }: Row, packages: ReadonlyMap<string, PackageNeeds>): ReadonlySet<string> {
  const own = unit === '' && location !== null ? packages.get(location) : undefined;
  const { devDependencies = {}, ...needs } = own ?? {};
  const production = [needs.dependencies, needs.optionalDependencies, needs.peerDependencies];
  return new Set(Object.keys(devDependencies).filter((name) => !production.some((list) => name in (list ?? {}))));
}

/** A package of the application's own lies nowhere else. */
const isAmong = (unit: string, packages: ReadonlyMap<string, PackageNeeds>): boolean =>
  [...packages.keys()].some((folder) => folder !== '' && isWithin(folder, unit));

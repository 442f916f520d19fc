/** What package.json and the lock file of a release say, as far as they can be read: whoever built the release wrote them. */
import path from 'node:path';
import type { Packages, UnreadFile } from '../../domain/diagnosis/facts';
import { ifMissing } from '../../system/missing';
import { readPlainFile } from '../../system/plain-file';
import { bounded } from '../bounded';
import { wordsOf } from '../failure';

/** Lock files are long; a longer one is not read. */
const LONGEST_LOCK = 32 * 1024 * 1024;
const LONGEST_PACKAGE = 1024 * 1024;
const LOCK_MS = 2_000;

/** The last is what npm writes of what it installed: it is there where the lock file is not in the artifact. */
const LOCK_FILES = [
  'npm-shrinkwrap.json',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'node_modules/.package-lock.json',
];

export interface PackageFacts {
  readonly packages: Packages | null;
  /** `engines.node` of package.json. */
  readonly node: string | null;
  /** What is there and could not be read: unknown is not none. */
  readonly unread: readonly UnreadFile[];
}

/** @param app folder of package.json @param top of the artifact, where a lock file may lie as well */
export async function packageFacts(app: string, top: string): Promise<PackageFacts> {
  const unread: UnreadFile[] = [];
  const miss = (file: string, why: string): null => {
    unread.push({ file, why });
    return null;
  };
  const { direct, node } = await manifestIn(app, miss);
  for (const folder of new Set([app, top])) {
    for (const name of LOCK_FILES) {
      const versions = await versionsIn(path.join(folder, name), miss);
      if (versions !== null) return { packages: { file: path.basename(name), versions, direct }, node, unread };
    }
  }
  return { packages: null, node, unread };
}

type Miss = (file: string, why: string) => null;

async function versionsIn(file: string, miss: Miss): Promise<Packages['versions'] | null> {
  const name = path.basename(file);
  const text = await textOf(file, LONGEST_LOCK, miss);
  if (text === null) return null;
  const read = await bounded('lockFile', { name, text }, LOCK_MS);
  if (read.kind === 'over') return miss(name, `could not be read ${read.why}`);
  return read.value ?? miss(name, 'is no lock file of a known form');
}

interface Manifest {
  readonly direct: readonly string[];
  readonly node: string | null;
}

const NONE: Manifest = { direct: [], node: null };

async function manifestIn(app: string, miss: Miss): Promise<Manifest> {
  const text = await textOf(path.join(app, 'package.json'), LONGEST_PACKAGE, miss);
  if (text === null) return NONE;
  try {
    const { dependencies, engines } = fieldsOf(JSON.parse(text.replace(/^\uFEFF/, '')));
    const { node } = fieldsOf(engines);
    return { direct: Object.keys(fieldsOf(dependencies)), node: typeof node === 'string' ? node : null };
  } catch {
    miss('package.json', 'is not JSON');
    return NONE;
  }
}

/** null: there is none, or it was missed. */
async function textOf(file: string, mostBytes: number, miss: Miss): Promise<string | null> {
  const name = path.basename(file);
  try {
    const found = await readPlainFile(file, mostBytes).catch(ifMissing(null));
    if (found === null) return null;
    return found.kind === 'read' ? found.text : miss(name, found.reason);
  } catch (error) {
    return miss(name, `cannot be read: ${wordsOf(error)}`);
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

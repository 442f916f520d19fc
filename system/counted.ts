/**
 * Sealed files that cannot be put back: each counts its changes, and two places remember the counts: `counters.sealed` beside them, and a
 * mark outside of the folder for that one. What is older than it was is an error, until somebody says that it was restored on purpose.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readAuthentic, writeAuthentic } from './authentic';
import type { Home } from './home';
import { withLock } from './lock';
import { seal, unseal } from './sealed';

const WAIT_MS = 10_000;
const CONTEXT = 'secrets/counters';
const MARK = 'secrets/generation';

/** What a counted file holds; one of an older version holds the value alone. */
interface Counted<T> {
  readonly $counter: number;
  readonly $value: T;
}

interface Counters {
  /** Grows with every change of any file. */
  readonly generation: number;
  /** By path within the folder of secrets. */
  readonly files: Readonly<Record<string, number>>;
}

const NONE: Counters = { generation: 0, files: {} };

/** @throws Error that names the file, and what to do, when an older one was put back, or it is gone. */
export async function unsealCounted<T>(home: Home, file: string, context: string): Promise<T | null> {
  // In this order: between the two the file may get newer, and never the count newer than the file.
  const { files, generation } = await readCounters(home);
  const { counter, value } = await read<T>(home, file, context);
  const last = files[nameOf(home, file)] ?? 0;
  if (counter > 0 && generation === 0) throw new Error(`${indexOf(home)} is gone, and was there. ${NEXT}`);
  if (counter >= last) return value;
  const what =
    value === null && counter === 0
      ? `${file} is gone, and was there`
      : `${file} is an earlier copy that was put back (change ${counter}; the last one was ${last})`;
  throw new Error(`${what}. ${NEXT}`);
}

/** Writes the file with the next count. Whoever calls holds a lock on it. */
export async function sealCounted(home: Home, file: string, context: string, value: unknown): Promise<void> {
  await withLock(`${home.secrets}#counters`, WAIT_MS, async () => {
    const counters = await readCounters(home);
    // A count that is not known any more must not look as if there had never been one.
    if (counters.generation === 0) await write(home, { generation: 1, files: {} });
    const name = nameOf(home, file);
    const next = Math.max(counters.files[name] ?? 0, (await read(home, file, context)).counter) + 1;
    const counted: Counted<unknown> = { $counter: next, $value: value };
    await seal(home, file, context, counted);
    await write(home, {
      generation: Math.max(1, counters.generation) + 1,
      files: { ...counters.files, [name]: next },
    });
  });
}

/** Takes the files as they are now for the newest. @param contextOf of a file by its path within the folder; answers their paths. */
export async function acceptRestored(
  home: Home,
  contextOf: (name: string) => string | null,
): Promise<readonly string[]> {
  return withLock(`${home.secrets}#counters`, WAIT_MS, async () => {
    const files: Record<string, number> = {};
    for (const name of await readdir(home.secrets, { recursive: true })) {
      const context = contextOf(name);
      if (context !== null) files[name] = (await read(home, path.join(home.secrets, name), context)).counter;
    }
    const known = (await unseal<Counters>(home, indexOf(home), CONTEXT))?.generation ?? 0;
    await write(home, { generation: Math.max(known, await markOf(home)) + 1, files });
    return Object.keys(files).sort();
  });
}

const NEXT =
  'If you restored a backup on purpose: mvca secrets accept-restored. Otherwise find out who changed it, and set the secrets anew';

const nameOf = (home: Home, file: string): string => path.relative(home.secrets, file);
const indexOf = (home: Home): string => path.join(home.secrets, 'counters.sealed');
const markFile = (home: Home): string => path.join(home.root, 'secrets-generation.json');

async function read<T>(home: Home, file: string, context: string): Promise<{ counter: number; value: T | null }> {
  const content = await unseal<Counted<T> | T>(home, file, context);
  if (content === null) return { counter: 0, value: null };
  if (isCounted(content)) return { counter: content.$counter, value: content.$value };
  return { counter: 0, value: content };
}

const isCounted = <T>(content: Counted<T> | T): content is Counted<T> =>
  typeof content === 'object' && content !== null && '$counter' in content;

async function readCounters(home: Home): Promise<Counters> {
  const mark = await markOf(home);
  const found = await unseal<Counters>(home, indexOf(home), CONTEXT);
  if ((found?.generation ?? 0) >= mark) return found ?? NONE;
  const what = found === null ? 'is gone, and was there' : 'is an earlier copy that was put back';
  throw new Error(`${indexOf(home)} ${what}. ${NEXT}`);
}

async function markOf(home: Home): Promise<number> {
  const note = await readAuthentic<number>(home, markFile(home), MARK);
  if (note.kind === 'foreign')
    throw new Error(`${markFile(home)} was changed by something else, or belongs to another key. ${NEXT}`);
  return note.kind === 'known' ? note.value : 0;
}

/** The file first: a count that is behind is caught up with, one that is ahead would be an alarm. */
async function write(home: Home, counters: Counters): Promise<void> {
  await seal(home, indexOf(home), CONTEXT, counters);
  await writeAuthentic(home, markFile(home), MARK, counters.generation);
}

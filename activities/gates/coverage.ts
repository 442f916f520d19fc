/** Finds the coverage report that a run of tests wrote. */
import { realpath, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CoverageFile, CoverageReading } from '../../domain/gates/coverage';
import { isWithin } from '../../domain/source/paths';
import { plainText } from '../../system/plain-file';
import { bounded } from '../bounded';

const LARGEST = 64 * 1024 * 1024;
const READ_MS = 5_000;

/** The moment of now as the files of a folder will have it: the clock that writes them is asked, and not ours. */
export async function fileTime(folder: string): Promise<number> {
  const mark = path.join(folder, 'started');
  await writeFile(mark, '', { mode: 0o600 });
  const now = new Date();
  await utimes(mark, now, now);
  return (await stat(mark)).mtimeMs;
}

/** What the report says; a file that is older than `since` is not of this run. */
export async function findCoverage(
  tree: string,
  relative: string,
  since: number,
): Promise<CoverageFile | CoverageReading> {
  const place = path.join(tree, relative);
  try {
    const [real, top, stats] = await Promise.all([realpath(place), realpath(tree), stat(place)]);
    if (!isWithin(real, top)) return { kind: 'unreadable', problem: 'it lies outside of the application' };
    if (!stats.isFile()) return { kind: 'unreadable', problem: 'it is not a file' };
    if (stats.mtimeMs < since) return { kind: 'stale' };
    if (stats.size > LARGEST) return { kind: 'unreadable', problem: `it has ${stats.size} bytes` };
    const reading = await bounded('coverage', { text: await plainText(real, LARGEST) }, READ_MS);
    return reading.kind === 'done' ? reading.value : { kind: 'unreadable', problem: `not ${reading.why}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'missing' } : { kind: 'unreadable', problem: message };
  }
}

/**
 * A lock file may name packages by archives that lie out of the source (`npm i -D ../tool.tgz`). Its SHA-512 says which bytes are
 * meant, so the archive is kept when the source is taken, and handed to the package manager's cache where it is installed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { outsidePackages, type OutsidePackage } from '../domain/build/outside-packages';
import type { Home } from '../system/home';
import { ifMissing } from '../system/missing';
import { plainBytes, plainText } from '../system/plain-file';

const LOCK = 'package-lock.json';
const LONGEST_LOCK = 32 * 1024 * 1024;
/** Of an archive. */
const MOST_BYTES = 256 * 1024 * 1024;

export interface KeptPackage extends OutsidePackage {
  /** Where it is kept; null: it was not found, or other bytes lay there. */
  readonly file: string | null;
}

/**
 * Keeps those that `directory` leads to; answers their SHA-512. What is not there, or is something else, is missed by the build, which
 * says so.
 */
export async function keepOutsidePackages(home: Home, directory: string): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const { path: place, sha512 } of await named(directory)) {
    const content = await plainBytes(path.resolve(directory, place), MOST_BYTES).catch(() => null); // the build says what it misses
    if (content === null || digestOf(content) !== sha512) continue;
    const file = fileOf(home, sha512);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
    try {
      await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
      await rename(temporary, file);
      kept.push(sha512);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  return kept;
}

/** What the lock file in `folder` asks for, with where it is kept. */
export async function keptPackages(home: Home, folder: string): Promise<readonly KeptPackage[]> {
  return Promise.all(
    (await named(folder)).map(async (wanted) => {
      const file = fileOf(home, wanted.sha512);
      const content = await plainBytes(file, MOST_BYTES).catch(ifMissing(null));
      return { ...wanted, file: content !== null && digestOf(content) === wanted.sha512 ? file : null };
    }),
  );
}

const named = async (folder: string): Promise<readonly OutsidePackage[]> =>
  outsidePackages(await plainText(path.join(folder, LOCK), LONGEST_LOCK).catch(ifMissing('')));

const fileOf = (home: Home, sha512: string): string => path.join(home.store, 'packages', `${sha512}.tgz`);

const digestOf = (content: Buffer): string => createHash('sha512').update(content).digest('hex');

/** Reads of a project what `init` needs to know: two levels of files, and the few whose content tells something. */
import { readdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { ifMissing } from '../system/missing';
import { plainText } from '../system/plain-file';
import type { ProjectFacts } from '../domain/init/facts';

const SKIPPED = new Set(['node_modules', 'dist', 'build', 'coverage', 'test', 'tests', '__tests__']);
const TELLING = /\.[cm]?[jt]sx?$|^\.env\.(example|sample|template|dist)$/;
const FILE_BYTES = 200_000;
const PACKAGE_BYTES = 1_000_000;
const FILE_COUNT = 2_000;
const FIRST_PORT = 8_080;
const LAST_PORT = 8_999;

/** Never throws for what stands in the folder. @throws when the folder itself cannot be read. */
export async function readProject(
  folder: string,
  taken: ReadonlySet<number>,
): Promise<Omit<ProjectFacts, 'approvers'>> {
  const files = await filesOf(folder);
  const telling = files.filter((file) => TELLING.test(path.posix.basename(file)));
  const contents = await Promise.all(telling.map(async (file) => [file, await contentOf(folder, file)] as const));
  const production = await freePort(FIRST_PORT, taken);
  return {
    folder: path.basename(path.resolve(folder)),
    packageJson: await plainText(path.join(folder, 'package.json'), PACKAGE_BYTES).catch(ifMissing(null)), // no package: facts too
    files,
    contents: Object.fromEntries(contents.filter((entry): entry is [string, string] => entry[1] !== null)),
    ports: { production, staging: await freePort(production + 1, taken) },
  };
}

async function filesOf(folder: string): Promise<string[]> {
  const top = await readdir(folder, { withFileTypes: true });
  const folders = top.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name));
  const below = await Promise.all(
    folders.map(async ({ name }) => {
      const entries = await readdir(path.join(folder, name), { withFileTypes: true }).catch(() => []); // may not be read
      return entries.filter((entry) => entry.isFile()).map((entry) => `${name}/${entry.name}`);
    }),
  );
  const own = top.filter((entry) => entry.isFile()).map((entry) => entry.name);
  return [...own, ...below.flat()].sort().slice(0, FILE_COUNT);
}

async function contentOf(folder: string, file: string): Promise<string | null> {
  try {
    return await plainText(path.join(folder, file), FILE_BYTES);
  } catch {
    return null; // gone between two looks, or not ours to read
  }
}

/** The first port from there on on which nobody listens and that no spec of this machine has. */
async function freePort(from: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = from; port <= LAST_PORT; port += 1) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  return from;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

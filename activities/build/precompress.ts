/** Compressed copies beside static files, so that nobody has to compress them while people wait. */
import { realpath, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { isCompressible } from '../../domain/build/compressible';
import { isWithin, shown } from '../../domain/source/paths';
import { readTree, type TreeFile } from '../../system/tree';
import { fail } from '../failure';
import type { ProgressReport } from '../progress';
import { ifMissing } from '../../system/missing';

const gzip = promisify(zlib.gzip);
const brotli = promisify(zlib.brotliCompress);

/** Brotli at its best takes seconds for a megabyte; for larger files the next level down saves most of that time. */
const LARGE = 4 * 1024 * 1024;
const TOGETHER = 2;

/**
 * Writes `<file>.gz` and `<file>.br` beside compressible files, where they are smaller than the file; the application's own copies stay.
 * The bytes depend on the file alone: neither format gets a time or a name.
 * @throws `BuildFailed` when a folder is not there or leaves the tree.
 */
export async function precompress(tree: string, folders: readonly string[], report: ProgressReport): Promise<void> {
  for (const folder of folders) {
    report.doing(`compressing ${shown(folder)}`);
    const root = await rootOf(tree, folder);
    const files = (await readTree(root)).filter((entry) => entry.kind === 'file');
    const names = new Set(files.map((file) => file.path));
    const wanted = files.filter((file) => isCompressible(file.path, file.size));
    for (let at = 0; at < wanted.length; at += TOGETHER) {
      report.throwIfCancelled();
      await Promise.all(wanted.slice(at, at + TOGETHER).map((file) => compress(root, file, names)));
    }
    report.line(`${wanted.length} files of ${shown(folder)} compressed`);
  }
}

async function rootOf(tree: string, folder: string): Promise<string> {
  const place = path.join(tree, folder);
  const stats = await stat(place).catch(ifMissing(null));
  if (stats?.isDirectory() !== true) {
    const next = 'name the folder that the build makes, or leave it away';
    throw fail(
      'BuildFailed',
      `\`build.static\` names ${shown(folder)}, and the build made no such folder. Next: ${next}`,
    );
  }
  const [real, top] = [await realpath(place), await realpath(tree)];
  if (isWithin(real, top)) return place;
  throw fail('BuildFailed', `\`build.static\` names ${shown(folder)}, which leads out of the application`);
}

async function compress(root: string, file: TreeFile, names: ReadonlySet<string>): Promise<void> {
  const place = path.join(root, file.path);
  const content = await readFile(place);
  const quality = content.length > LARGE ? 9 : 11;
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: quality,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const copies = [
    { extension: 'gz', make: () => gzip(content, { level: 9 }) },
    { extension: 'br', make: () => brotli(content, { params }) },
  ];
  for (const { extension, make } of copies) {
    if (names.has(`${file.path}.${extension}`)) continue;
    const compressed = await make();
    if (compressed.length < content.length) await writeFile(`${place}.${extension}`, compressed, { mode: file.mode });
  }
}

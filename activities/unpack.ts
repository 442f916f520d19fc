/** Unpacks our own snapshots and artifacts, trusting none of what they say about where to write. */
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import yauzl from 'yauzl';
import { linkProblem } from '../domain/source/links';
import { pathProblem, shown } from '../domain/source/paths';
import { fail } from './failure';

/** Files up to this size are written side by side. */
const SMALL = 1024 * 1024;
const TOGETHER = 16;
/** PATH_MAX (path_resolution(7)). */
const LONGEST_LINK = 4_096;

type Content = AsyncIterable<Buffer>;

interface ArchiveEntry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'folder' | 'other';
  readonly mode: number;
  readonly size: number;
  readonly target: string | null;
}

/**
 * Unpacks into `folder`, which must be empty or not there yet. Links are made last, so that nothing is written through one.
 * @throws `UnsafeSource` when an entry would leave the folder, is a device, or stands twice; what was unpacked until then stays: remove it.
 */
export async function unpackArchive(file: string, kind: 'tar' | 'zip', folder: string): Promise<void> {
  const unpacking = new Unpacking(folder);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (kind === 'tar') await readTar(file, unpacking);
  else await readZip(file, unpacking);
  await unpacking.finish();
}

class Unpacking {
  private readonly seen = new Map<string, ArchiveEntry['kind']>();
  private readonly links = new Map<string, string>();
  private readonly folders = new Set<string>(['']);
  private readonly writing = new Set<Promise<void>>();
  private failed: Error | null = null;

  constructor(private readonly root: string) {}

  async add(entry: ArchiveEntry, content: Content): Promise<void> {
    this.check(entry);
    this.seen.set(entry.path, entry.kind);
    if (entry.kind === 'folder') return this.makeFolder(entry.path);
    if (entry.kind === 'link')
      return void this.links.set(entry.path, entry.target ?? (await readAll(content)).toString('utf8'));
    await this.makeFolder(parentOf(entry.path));
    if (entry.size > SMALL) return this.stream(entry, content);
    const bytes = await readAll(content);
    await this.room();
    const write = writeFile(path.join(this.root, entry.path), bytes, { mode: entry.mode, flag: 'wx' });
    const tracked = write
      .catch((error: unknown) => void (this.failed ??= error instanceof Error ? error : new Error(String(error))))
      .finally(() => this.writing.delete(tracked));
    this.writing.add(tracked);
  }

  async finish(): Promise<void> {
    await Promise.all(this.writing);
    if (this.failed !== null) throw this.failed;
    for (const [name, target] of this.links) {
      const problem = linkProblem(name, this.links);
      if (problem !== null) throw fail('UnsafeSource', `the archive's link ${shown(name)} is refused: ${problem}`);
      await this.makeFolder(parentOf(name));
      await symlink(target, path.join(this.root, name));
    }
  }

  private check(entry: ArchiveEntry): void {
    const problem =
      pathProblem(entry.path) ??
      (entry.kind === 'link' && entry.size > LONGEST_LINK ? 'its target is longer than any path' : null) ??
      (entry.kind === 'other' ? 'it is neither a file nor a folder nor a link' : null) ??
      (this.seen.has(entry.path) && !(entry.kind === 'folder' && this.folders.has(entry.path))
        ? 'it stands twice'
        : null);
    if (problem !== null) throw fail('UnsafeSource', `the archive's entry ${shown(entry.path)} is refused: ${problem}`);
  }

  private async makeFolder(name: string): Promise<void> {
    if (this.folders.has(name)) return;
    await mkdir(path.join(this.root, name), { recursive: true, mode: 0o755 });
    for (let at = name; !this.folders.has(at); at = parentOf(at)) this.folders.add(at);
  }

  private async stream(entry: ArchiveEntry, content: Content): Promise<void> {
    const place = path.join(this.root, entry.path);
    await pipeline(content, createWriteStream(place, { flags: 'wx', mode: entry.mode }));
    await chmod(place, entry.mode);
  }

  private async room(): Promise<void> {
    while (this.writing.size >= TOGETHER) await Promise.race(this.writing);
    if (this.failed !== null) throw this.failed;
  }
}

/** Hands every entry of a tar to `to`, one after another. */
export async function readTar(file: string, to: Pick<Unpacking, 'add'>): Promise<void> {
  const extract = tar.extract();
  const reading = pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), extract);
  reading.catch(() => undefined); // thrown by the loop below as well
  for await (const entry of extract) {
    entry.on('error', () => undefined); // between two awaits nobody listens; who reads it learns of it
    const { name, type, size = 0, mode = 0o644, linkname } = entry.header;
    const kind = type === 'symlink' ? 'link' : type === 'directory' ? 'folder' : type === 'file' ? 'file' : 'other';
    await to.add(
      { path: name.replace(/\/$/, ''), kind, mode: normal(mode), size, target: linkname ?? null },
      entry as Content,
    );
    entry.resume();
  }
  await reading;
}

async function readZip(file: string, unpacking: Unpacking): Promise<void> {
  const zip = await yauzl.openPromise(file, { decodeStrings: false }); // else a backslash in a name becomes a folder
  try {
    for await (const entry of zip.eachEntry()) {
      const bits = (entry.externalFileAttributes >>> 16) & 0xffff;
      const fileName = entry.fileNameRaw.toString('utf8');
      const kind = fileName.endsWith('/') ? 'folder' : (ZIP_KINDS[bits & 0o170000] ?? 'other');
      const name = fileName.replace(/\/$/, '');
      const content = await zip.openReadStreamPromise(entry);
      content.on('error', () => undefined); // as above
      try {
        await unpacking.add(
          { path: name, kind, mode: normal(bits), size: entry.uncompressedSize, target: null },
          content,
        );
        content.resume();
      } catch (error) {
        content.destroy();
        throw error;
      }
    }
  } finally {
    zip.close();
  }
}

const ZIP_KINDS: Readonly<Record<number, ArchiveEntry['kind']>> = {
  0o100000: 'file',
  0o120000: 'link',
  0o040000: 'folder',
};

const normal = (mode: number): number => ((mode & 0o100) === 0 ? 0o644 : 0o755);
const parentOf = (name: string): string => name.split('/').slice(0, -1).join('/');

async function readAll(stream: Content): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

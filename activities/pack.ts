/** Archives that are the same byte for byte for the same input: sorted, without times and owners, modes normalised. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import path from 'node:path';
import tar from 'tar-stream';
import { ZipFile } from 'yazl';
import type { TreeFile } from '../system/tree';

export type PackEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      content(): Promise<Buffer | Readable>;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string };

/** A file up to this size is read at once: for many small files that is several times faster than a stream each. */
const SMALL = 4 * 1024 * 1024;
const EPOCH = new Date(0);
/** The first moment of MS-DOS time, which knows no zone: made from local parts, it is the same bytes in every zone. */
const DOS_EPOCH = new Date(1980, 0, 1);

/** The entry of a file that lies under `root`. */
export function fileEntry(root: string, { path: name, mode, size }: TreeFile): PackEntry {
  const place = path.join(root, name);
  return {
    kind: 'file',
    path: name,
    mode,
    size,
    content: async () => (size <= SMALL ? readExactly(place, size) : createReadStream(place, { end: size - 1 })),
  };
}

/** The bytes of a tar (pax where names need it) of the entries in the order given. */
export async function* packTar(entries: Iterable<PackEntry>): AsyncGenerator<Uint8Array, void> {
  const pack = tar.pack();
  let failure: Error | null = null;
  pack.on('error', (error) => (failure ??= error)); // nobody may listen at the moment in which an entry breaks
  // Whoever reads may stop, such as when its disk is full: then no entry is ever done.
  const closed = new Promise<never>((_, reject) => pack.once('close', () => reject(new Error('nobody reads on'))));
  closed.catch(() => undefined); // told by the race below; after the last entry nobody needs to hear of it
  void (async () => {
    try {
      for (const entry of entries) await Promise.race([addToTar(pack, entry), closed]);
      pack.finalize();
    } catch (error) {
      pack.destroy(error as Error);
    }
  })();
  try {
    yield* pack as unknown as AsyncIterable<Uint8Array>; // a readable of streamx, which iterates by itself
  } catch (error) {
    throw failure ?? error;
  }
}

/** The bytes of a zip of the entries in the order given; modes and links in the way of Info-ZIP. */
export function packZip(entries: Iterable<PackEntry>): AsyncIterable<Uint8Array> {
  const zip = new ZipFile();
  const out = new PassThrough();
  zip.on('error', (error: Error) => out.destroy(error));
  zip.outputStream.on('error', (error: Error) => out.destroy(error)).pipe(out);
  try {
    for (const entry of entries) addToZip(zip, entry, out);
    zip.end();
  } catch (error) {
    out.destroy(error as Error);
  }
  return out;
}

async function addToTar(pack: tar.Pack, entry: PackEntry): Promise<void> {
  const common = { name: entry.path, mtime: EPOCH, uid: 0, gid: 0 };
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (entry.kind === 'link') {
      pack.entry({ ...common, type: 'symlink', linkname: entry.target, mode: 0o777 }, done);
    } else if (entry.kind === 'folder') {
      pack.entry({ ...common, name: `${entry.path}/`, type: 'directory', mode: 0o755 }, done);
    } else {
      const header = { ...common, type: 'file' as const, mode: entry.mode, size: entry.size };
      const add = (content: Buffer | Readable) => {
        if (Buffer.isBuffer(content)) return void pack.entry(header, content, done);
        const sink = pack.entry(header, done);
        sink.once('close', () => content.destroy());
        content.on('error', (error) => sink.destroy(error)).pipe(sink);
      };
      entry.content().then(add).catch(reject); // also what `add` throws when the archive is closed meanwhile
    }
  });
}

function addToZip(zip: ZipFile, entry: PackEntry, out: PassThrough): void {
  if (entry.path.includes('\\'))
    throw new Error(`${entry.path}: a zip cannot hold a backslash in a name; use artifact: tar`);
  const common = { mtime: DOS_EPOCH, forceDosTimestamp: true };
  if (entry.kind === 'folder') zip.addEmptyDirectory(`${entry.path}/`, { ...common, mode: 0o040755 });
  else if (entry.kind === 'link') zip.addBuffer(Buffer.from(entry.target), entry.path, { ...common, mode: 0o120777 });
  else {
    const options = { ...common, mode: 0o100000 | entry.mode, size: entry.size };
    zip.addReadStreamLazy(entry.path, options, (give) => {
      entry.content().then(
        (content) => {
          const stream = Buffer.isBuffer(content) ? new PassThrough().end(content) : content;
          give(null, stream);
        },
        (error: Error) => out.destroy(error),
      );
    });
  }
}

/** A file that grew or shrank since it was looked at would spoil the archive without a word. */
async function readExactly(place: string, size: number): Promise<Buffer> {
  const handle = await open(place, 'r');
  try {
    const content = await handle.readFile();
    if (content.length !== size)
      throw new Error(`${place} changed while it was read; try again when nothing writes to it`);
    return content;
  } finally {
    await handle.close();
  }
}

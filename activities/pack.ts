/** Archives that are the same byte for byte for the same input: sorted, without times and owners, modes normalised. */
import { open } from 'node:fs/promises';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import path from 'node:path';
import tar from 'tar-stream';
import { ZipFile } from 'yazl';
import { shown } from '../domain/source/paths';
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

/** Something of a tree cannot be read, in words; repeating it changes nothing. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/** The entry of a file that lies under `root`. */
export function fileEntry(root: string, { path: name, mode, size }: TreeFile): PackEntry {
  const place = path.join(root, name);
  return {
    kind: 'file',
    path: name,
    mode,
    size,
    content: () => (size <= SMALL ? readExactly(place, size) : streamExactly(place, size)).catch(inWords(name)),
  };
}

/**
 * The bytes of a tar (pax where names need it) of the entries in the order given. Nothing is begun before somebody reads: a stream that
 * fails while nobody listens ends the process.
 */
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

/** The bytes of a zip of the entries in the order given; modes and links in the way of Info-ZIP. Begun by who reads, as above. */
export async function* packZip(entries: Iterable<PackEntry>): AsyncGenerator<Uint8Array, void> {
  const zip = new ZipFile();
  const out = new PassThrough();
  const opened = new Set<Readable>();
  zip.on('error', (error: Error) => out.destroy(error));
  zip.outputStream.on('error', (error: Error) => out.destroy(error)).pipe(out);
  try {
    for (const entry of entries) addToZip(zip, entry, { out, opened });
    zip.end();
    yield* out as AsyncIterable<Uint8Array>;
  } finally {
    for (const stream of opened) stream.destroy();
  }
}

async function addToTar(pack: tar.Pack, entry: PackEntry): Promise<void> {
  const common = { name: entry.path, mtime: EPOCH, uid: 0, gid: 0 };
  const content = entry.kind === 'file' ? await entry.content() : null;
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (entry.kind === 'link') {
      quiet(pack.entry({ ...common, type: 'symlink', linkname: entry.target, mode: 0o777 }, done));
    } else if (entry.kind === 'folder') {
      quiet(pack.entry({ ...common, name: `${entry.path}/`, type: 'directory', mode: 0o755 }, done));
    } else {
      const header = { ...common, type: 'file' as const, mode: entry.mode, size: entry.size };
      if (Buffer.isBuffer(content)) quiet(pack.entry(header, content, done));
      else pour(content as Readable, () => quiet(pack.entry(header, done)));
    }
  });
}

/** Its error is told by `done`; emitted while nobody listens, it would end the process. */
const quiet = (sink: unknown): Writable => (sink as Writable).on('error', () => undefined); // of streamx, and alike

/** @param open makes the place to pour into; it throws when the archive was closed meanwhile. */
function pour(content: Readable, open: () => Writable): void {
  content.on('error', (error) => sink?.destroy(error));
  let sink: Writable | null = null;
  try {
    sink = open();
  } catch (error) {
    content.destroy();
    throw error;
  }
  sink.once('close', () => content.destroy());
  content.pipe(sink);
}

interface ZipSide {
  readonly out: PassThrough;
  /** What is open, to be closed when nobody reads on. */
  readonly opened: Set<Readable>;
}

function addToZip(zip: ZipFile, entry: PackEntry, { out, opened }: ZipSide): void {
  if (entry.path.includes('\\'))
    throw new UnreadableEntry(`${entry.path}: a zip cannot hold a backslash in a name; use artifact: tar`);
  const common = { mtime: DOS_EPOCH, forceDosTimestamp: true };
  if (entry.kind === 'folder') zip.addEmptyDirectory(`${entry.path}/`, { ...common, mode: 0o040755 });
  else if (entry.kind === 'link') zip.addBuffer(Buffer.from(entry.target), entry.path, { ...common, mode: 0o120777 });
  else {
    const options = { ...common, mode: 0o100000 | entry.mode, size: entry.size };
    zip.addReadStreamLazy(entry.path, options, (give) => {
      entry.content().then(
        (content) => {
          const stream = Buffer.isBuffer(content) ? new PassThrough().end(content) : content;
          opened.add(stream.once('close', () => opened.delete(stream)));
          stream.on('error', (error) => out.destroy(error));
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

/** Opened already, so that what cannot be read is told here. */
async function streamExactly(place: string, size: number): Promise<Readable> {
  const handle = await open(place, 'r');
  return handle.createReadStream({ end: size - 1 });
}

const inWords =
  (name: string) =>
  (error: NodeJS.ErrnoException): never => {
    const why = UNREADABLE[error.code ?? ''];
    throw why === undefined ? error : new UnreadableEntry(`${shown(name)} cannot be read: ${why}`);
  };

const UNREADABLE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'the disk gives an error',
};

/** Reads a file that somebody else may have put there: no link, nothing that is no file, and no more of it than is wanted. */
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

interface Refused {
  readonly kind: 'refused';
  /** Follows the name of the file: `… is a link`. */
  readonly reason: string;
}

/** With its owner and permissions, as `stat` has them. */
type Read<T> = T & { readonly kind: 'read'; readonly uid: number; readonly mode: number };

export type PlainFile = Read<{ readonly text: string }> | Refused;

const CHUNK = 1024 * 1024;

/**
 * Its text (UTF-8), or why it is not read. A link is not followed, also when it appears in the same moment; a pipe that nobody writes to is
 * not waited for.
 * @param mostBytes above which it is refused
 * @throws what the system says of a file that is not there or may not be read
 */
export async function readPlainFile(file: string, mostBytes: number): Promise<PlainFile> {
  const found = await readPlain(file, mostBytes);
  if (found.kind === 'refused') return found;
  const { bytes, ...rest } = found;
  return { ...rest, text: bytes.toString('utf8') };
}

/** The same for whom a refusal is an error that names the file. */
export async function plainText(file: string, mostBytes: number): Promise<string> {
  return (await plainBytes(file, mostBytes)).toString('utf8');
}

export async function plainBytes(file: string, mostBytes: number): Promise<Buffer> {
  const found = await readPlain(file, mostBytes);
  if (found.kind === 'read') return found.bytes;
  throw new Error(`${file} ${found.reason}`);
}

/** An open file, to be closed by who asked; its caller reads no more of it than it keeps. */
export async function openPlain(
  file: string,
): Promise<{ readonly kind: 'open'; readonly handle: FileHandle; readonly stats: Stats } | Refused> {
  const handle = await openUnlinked(file);
  if (handle === null) return refused('is a link, which is not followed; name the file that it leads to');
  const stats = await handle.stat();
  if (stats.isFile()) return { kind: 'open', handle, stats };
  await handle.close();
  return refused(
    stats.isDirectory() ? 'is a folder; name the file in it' : 'is a pipe, a socket or a device, and no file',
  );
}

async function readPlain(file: string, mostBytes: number): Promise<Read<{ readonly bytes: Buffer }> | Refused> {
  const opened = await openPlain(file);
  if (opened.kind === 'refused') return opened;
  const { handle, stats } = opened;
  try {
    const { uid, mode, size } = stats;
    const bytes = size > mostBytes ? null : await readAtMost(handle, mostBytes);
    return bytes === null ? refused(`is larger than ${mostBytes} bytes`) : { kind: 'read', bytes, uid, mode };
  } finally {
    await handle.close();
  }
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason });

async function openUnlinked(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') return null;
    // A socket cannot be opened at all.
    if (code === 'ENXIO') throw new Error(`${file} is a socket or a device, and no file`, { cause: error });
    throw error;
  }
}

/** null: it has grown beyond that while it was read. */
async function readAtMost(handle: FileHandle, mostBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  for (let length = 0; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(CHUNK, mostBytes + 1)), 0, null, length);
    length += bytesRead;
    if (length > mostBytes) return null;
    if (bytesRead === 0) return Buffer.concat(chunks, length);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

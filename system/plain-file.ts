/** Reads a file that somebody else may have put there: no link, nothing that is no file, and no more of it than is wanted. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

export type PlainFile =
  /** With its owner and permissions, as `stat` has them. */
  | { readonly kind: 'read'; readonly text: string; readonly uid: number; readonly mode: number }
  /** `reason` follows the name of the file: `… is a link`. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Its text (UTF-8), or why it is not read. A link is not followed, also when it appears in the same moment; a pipe that nobody writes to is
 * not waited for.
 * @param mostBytes above which it is refused
 * @throws what the system says of a file that is not there or may not be read
 */
export async function readPlainFile(file: string, mostBytes: number): Promise<PlainFile> {
  const handle = await openUnlinked(file);
  if (handle === null) return refused('is a link, which is not followed; name the file that it leads to');
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) return refused('is a folder; name the file in it');
    if (!stats.isFile()) return refused('is a pipe, a socket or a device, and no file');
    const text = stats.size > mostBytes ? null : await readAtMost(handle, mostBytes);
    const { uid, mode } = stats;
    return text === null ? refused(`is larger than ${mostBytes} bytes`) : { kind: 'read', text, uid, mode };
  } finally {
    await handle.close();
  }
}

const refused = (reason: string): PlainFile => ({ kind: 'refused', reason });

async function openUnlinked(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') return null;
    throw error;
  }
}

/** null: it has grown beyond that while it was read. */
async function readAtMost(handle: FileHandle, mostBytes: number): Promise<string | null> {
  const buffer = Buffer.alloc(mostBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (length > mostBytes) return null;
    if (bytesRead === 0) return buffer.subarray(0, length).toString('utf8');
  }
}

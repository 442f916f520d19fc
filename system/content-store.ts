/** Files known by the SHA-256 of their bytes: written whole or not at all, and checked before they are trusted. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './durable-file';

export interface Stored {
  /** `sha256:…` */
  readonly digest: string;
  readonly bytes: number;
  readonly file: string;
}

const PREFIX = 'sha256:';

/** The file of that digest in a folder: `<folder>/<hex>.<extension>`. */
export function contentFile(folder: string, digest: string, extension: string): string {
  return path.join(folder, `${hexOf(digest)}.${extension}`);
}

/** The 64 hexadecimal digits of `sha256:…`. @throws when it is none: a digest becomes part of a path. */
export function hexOf(digest: string): string {
  const hex = digest.startsWith(PREFIX) ? digest.slice(PREFIX.length) : digest;
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`\`${digest}\` is not a digest: sha256: and 64 hexadecimal digits`);
  return hex;
}

/** `sha256:…` of a text. */
export const digestOfText = (text: string): string => `${PREFIX}${createHash('sha256').update(text).digest('hex')}`;

/** `sha256:…` of a file's bytes. */
export async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return `${PREFIX}${hash.digest('hex')}`;
}

/**
 * Stores what `content` yields. An existing file of the same digest is replaced by the same bytes, which also mends a damaged one.
 * Nothing is left behind when it fails.
 */
export async function storeContent(
  folder: string,
  extension: string,
  content: AsyncIterable<Uint8Array>,
): Promise<Stored> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = path.join(folder, `.${process.pid}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    const { digest, bytes } = await writeAndHash(temporary, content);
    const file = contentFile(folder, digest, extension);
    await rename(temporary, file);
    await syncFolder(folder);
    return { digest, bytes, file };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAndHash(
  file: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      await handle.writeFile(chunk);
      bytes += chunk.byteLength;
    }
    await handle.sync();
    return { digest: `${PREFIX}${hash.digest('hex')}`, bytes };
  } finally {
    await handle.close();
  }
}

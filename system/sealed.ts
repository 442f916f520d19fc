/**
 * Secrets at rest: AES-256-GCM under a key in a file of mode 0600. What it is bound to (`context`) is authenticated, so that a
 * sealed file cannot be moved to another place.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Home } from './home';
import { readJson, writeDurably, writeJson } from './durable-file';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

interface Sealed {
  readonly format: 1;
  readonly nonce: string;
  readonly tag: string;
  readonly data: string;
}

export const keyFile = (home: Home): string => path.join(home.secrets, 'key');

/** Reads the machine's key; makes it on first use. Refuses a key that others may read. */
export async function machineKey(home: Home): Promise<Buffer> {
  const file = keyFile(home);
  for (;;) {
    try {
      const [content, { mode }] = await Promise.all([readFile(file), stat(file)]);
      if ((mode & 0o077) !== 0)
        throw new Error(`${file} may be read by others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${file}`);
      const key = Buffer.from(content.toString('utf8').trim(), 'base64');
      if (key.length !== KEY_BYTES)
        throw new Error(`${file} does not hold a key of ${KEY_BYTES} bytes; restore it from a backup`);
      return key;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await makeKey(file);
    }
  }
}

/** Seals a JSON value into a file. */
export async function seal(home: Home, file: string, context: string, value: unknown): Promise<void> {
  const key = await machineKey(home);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  const sealed: Sealed = {
    format: 1,
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
  await writeJson(file, sealed);
}

/** Opens a sealed file; null when it is not there. A changed file, another key or another context is an error that names the file. */
export async function unseal<T>(home: Home, file: string, context: string): Promise<T | null> {
  const sealed = await readJson<Sealed>(file);
  if (sealed === null) return null;
  const key = await machineKey(home);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
    const text = Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]).toString(
      'utf8',
    );
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(
      `${file} cannot be opened with the key in ${keyFile(home)}: it was changed, or sealed with another key`,
      { cause },
    );
  }
}

/** A fingerprint of a secret's value that tells two values apart and nothing else: HMAC-SHA-256 under the machine's key, 12 digits. */
export async function fingerprint(home: Home, value: string): Promise<string> {
  return createHmac('sha256', await machineKey(home))
    .update(value)
    .digest('hex')
    .slice(0, 12);
}

/** Two processes that make it at once agree on one: the first link wins. */
async function makeKey(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeDurably(mine, `${randomBytes(KEY_BYTES).toString('base64')}\n`, 0o600);
  try {
    await link(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/**
 * Who may enter the embedded engine: whoever can read the client's key in the home. Made at the first start and kept; the authority's own
 * key is thrown away when both certificates are signed, so that nothing else is ever let in by it.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../system/durable-file';
import type { Home } from '../../system/home';
import { EngineRefusal } from '../engine';
import type { KeyFiles } from '../engine';
import { issue, makeAuthority } from './certificate';

/** Before any build of ours: a clock that is some days off does not shut the engine. */
const VALID_FROM = new Date(Date.UTC(2025, 0, 1));
const YEARS = 10;
/** An engine that starts with less left than this gets new ones, and may then run for a year. */
const RENEW_MS = 366 * 24 * 3_600_000;
const OTHERS = 0o077;
/** By which clients know the server: a name, since an address is none in the handshake (RFC 6066 3). */
export const SERVER_NAME = 'localhost';

/** In PEM. */
export interface Keys {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export const accessFolder = (home: Home): string => path.join(home.engine, 'access');

export function keyFiles(home: Home): KeyFiles {
  const inside = (name: string) => path.join(accessFolder(home), name);
  return { authority: inside('ca.pem'), certificate: inside('client.pem'), key: inside('client.key') };
}

const serverFiles = (home: Home): KeyFiles => {
  const inside = (name: string) => path.join(accessFolder(home), name);
  return { authority: inside('ca.pem'), certificate: inside('server.pem'), key: inside('server.key') };
};

/** What a client shows. @throws EngineRefusal when others may read it; Error with `code` ENOENT when there is none yet. */
export const clientKeys = (home: Home): Promise<Keys> => readKeys(keyFiles(home));

/** The server's keys; made, or made anew, where they are missing, nearly over, or not whole. @throws EngineRefusal as above. */
export async function ensureServerKeys(home: Home, now = Date.now()): Promise<Keys> {
  for (const files of [serverFiles(home), keyFiles(home)]) {
    const found = await readKeys(files).catch((error: unknown) => {
      if (error instanceof EngineRefusal) throw error;
      return null;
    });
    if (found === null || !isUsable(found, now)) {
      await makeKeys(home, now);
      break;
    }
  }
  return readKeys(serverFiles(home));
}

/** @throws EngineRefusal when others may read one of them. */
export async function readKeys({ authority, certificate, key }: KeyFiles): Promise<Keys> {
  const [ca, own, secret] = await Promise.all([authority, certificate, key].map(readPrivate));
  return { authority: ca ?? '', certificate: own ?? '', key: secret ?? '' };
}

/** Also a certificate that others may write lets them in. */
async function readPrivate(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { mode, uid } = await handle.stat();
    if ((mode & OTHERS) !== 0 || (uid !== process.getuid?.() && uid !== 0)) {
      throw new EngineRefusal(
        `${file} may be read or changed by others (mode ${(mode & 0o777).toString(8)}, uid ${uid}), and it opens the engine: ` +
          `run \`mvca down\`, remove ${path.dirname(file)}, and run \`mvca up\`, which makes new keys`,
      );
    }
    return await readFile(handle, 'utf8');
  } finally {
    await handle.close();
  }
}

function isUsable({ authority, certificate, key }: Keys, now: number): boolean {
  try {
    const [own, signer] = [new X509Certificate(certificate), new X509Certificate(authority)];
    const isWhole = own.verify(signer.publicKey) && own.checkPrivateKey(createPrivateKey(key));
    return isWhole && Date.parse(own.validTo) - now > RENEW_MS;
  } catch {
    return false; // cut off, or something else
  }
}

/** All of them or none: a folder that is renamed into its place. */
async function makeKeys(home: Home, now: number): Promise<void> {
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS);
  const validity = { from: VALID_FROM, until };
  const authority = makeAuthority('mvca engine', validity);
  const [server, client] = [issue(authority, 'server', validity), issue(authority, 'client', validity)];
  await mkdir(home.engine, { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(`${accessFolder(home)}.`); // mode 0700
  try {
    await write(path.join(fresh, 'ca.pem'), authority.certificate);
    for (const [name, { certificate, key }] of Object.entries({ server, client })) {
      await write(path.join(fresh, `${name}.pem`), certificate);
      await write(path.join(fresh, `${name}.key`), key);
    }
    await rm(accessFolder(home), { recursive: true, force: true });
    await rename(fresh, accessFolder(home));
    await syncFolder(home.engine);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function write(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

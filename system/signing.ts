/** The machine's signature (Ed25519, RFC 8032), so that what was written down elsewhere can be told from what was made up later. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import type { Home } from './home';
import { withLock } from './lock';
import { seal, unseal } from './sealed';

const WAIT_MS = 10_000;
const CONTEXT = 'signing';

export interface Signature {
  /** Base64 of the public key in SPKI form. */
  readonly key: string;
  /** Base64. */
  readonly signature: string;
}

/** Signs a text with the machine's key, which is made on first use and kept sealed. */
export async function signText(home: Home, text: string): Promise<Signature> {
  const key = await signingKey(home);
  return { key: publicText(key), signature: sign(null, Buffer.from(text), key).toString('base64') };
}

/** Whether the text was signed by the owner of `key`. Whatever is no key or no signature: false. */
export function isSigned(text: string, { key, signature }: Signature): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false; // no key at all
  }
}

/** The machine's public key, base64 of SPKI. */
export const machinePublicKey = async (home: Home): Promise<string> => publicText(await signingKey(home));

const publicText = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');

async function signingKey(home: Home): Promise<KeyObject> {
  const file = path.join(home.secrets, 'signing.sealed');
  const read = async (): Promise<KeyObject | null> => {
    const stored = await unseal<{ readonly pem: string }>(home, file, CONTEXT);
    return stored && createPrivateKey(stored.pem);
  };
  return (
    (await read()) ??
    withLock(file, WAIT_MS, async () => {
      const other = await read();
      if (other !== null) return other;
      const { privateKey } = generateKeyPairSync('ed25519');
      await seal(home, file, CONTEXT, { pem: privateKey.export({ format: 'pem', type: 'pkcs8' }) });
      return privateKey;
    })
  );
}

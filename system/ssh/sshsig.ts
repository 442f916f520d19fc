/** Signatures of `ssh-keygen -Y sign` (PROTOCOL.sshsig of OpenSSH), parsed and verified without it. */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { ed25519Blob, readKeyBlob, type PublicKey } from './public-key';
import { Malformed, readBase64, readWire, wireString } from './wire';

export interface SshSignature {
  readonly publicKey: PublicKey;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  /** Algorithm and value. */
  readonly algorithm: string;
  readonly value: Buffer;
  /** What stands behind the value: flags and counter of a security key. */
  readonly rest: Buffer;
}

const MAGIC = Buffer.from('SSHSIG');
/** RSA of 8,192 bits needs some 3,200 characters. */
export const SIGNATURE_LIMIT = 8_000;
const FRAME = /^-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]*)-----END SSH SIGNATURE-----$/;

/** Reads a signature, framed as `ssh-keygen` writes it or as one line of base64. @throws Malformed */
export function readSignature(text: string): SshSignature {
  if (text.length > SIGNATURE_LIMIT) throw new Malformed(`a signature has at most ${SIGNATURE_LIMIT} characters`);
  const trimmed = text.trim();
  const encoded = (FRAME.exec(trimmed)?.[1] ?? trimmed).replace(/\s+/g, '');
  const wire = readWire(readBase64(encoded, SIGNATURE_LIMIT));
  if (!wire.bytes(MAGIC.length).equals(MAGIC)) throw new Malformed('it is no signature of ssh-keygen');
  if (wire.uint32() !== 1) throw new Malformed('its version is not 1');
  const publicKey = readKeyBlob(wire.string());
  const namespace = wire.string().toString('utf8');
  wire.string(); // reserved: anything, and part of what is signed as empty
  const hash = wire.text();
  if (hash !== 'sha256' && hash !== 'sha512') throw new Malformed('its hash is neither sha256 nor sha512');
  const inner = readWire(wire.string());
  wire.end();
  const [algorithm, value] = [inner.text(), inner.string()];
  const rest = publicKey.application === undefined ? Buffer.alloc(0) : inner.bytes(5);
  inner.end();
  return { publicKey, namespace, hash, algorithm, value, rest };
}

/** The one line that is sent and kept. @throws Malformed */
export const oneLine = (framed: string): string => {
  const [, encoded] = FRAME.exec(framed.trim()) ?? [];
  if (encoded === undefined) throw new Malformed('it is no signature of ssh-keygen');
  return encoded.replace(/\s+/g, '');
};

/** Whether this key's owner signed the text, in this namespace. Never throws. */
export function isSignedBy(text: string, namespace: string, signature: SshSignature): boolean {
  if (signature.namespace !== namespace) return false;
  const check = CHECKS[signature.publicKey.type]?.[signature.algorithm];
  try {
    return check?.(signedBytes(text, namespace, signature.hash), signature) ?? false;
  } catch {
    return false; // a value that is none for this key
  }
}

/** Signs with an Ed25519 key, as `ssh-keygen -Y sign` would. @throws Malformed for any other key */
export function signEd25519(text: string, namespace: string, privateKey: KeyObject): string {
  const blob = ed25519Blob(privateKey);
  const value = sign(null, signedBytes(text, namespace, 'sha512'), privateKey);
  const version = Buffer.from([0, 0, 0, 1]);
  const inner = Buffer.concat([wireString('ssh-ed25519'), wireString(value)]);
  const parts = [blob, namespace, '', 'sha512', inner].map(wireString);
  return Buffer.concat([MAGIC, version, ...parts]).toString('base64');
}

function signedBytes(text: string, namespace: string, hash: SshSignature['hash']): Buffer {
  const digest = createHash(hash).update(text).digest();
  return Buffer.concat([MAGIC, ...[namespace, '', hash, digest].map(wireString)]);
}

type Check = (data: Buffer, signature: SshSignature) => boolean;

const ed25519: Check = (data, { publicKey, value }) => verify(null, data, publicKey.key, value);

/** A security key signs digests, with what it saw: bit 0 of the flags says that a person was there. */
const securityKey: Check = (data, { publicKey, value, rest }) => {
  const sha256 = (content: Buffer | string): Buffer => createHash('sha256').update(content).digest();
  if (((rest[0] ?? 0) & 1) === 0) return false;
  const signed = Buffer.concat([sha256(publicKey.application ?? ''), rest, sha256(data)]);
  return verify(null, signed, publicKey.key, value);
};

const ecdsa =
  (hash: string, size: number): Check =>
  (data, { publicKey, value }) => {
    const wire = readWire(value);
    const [r, s] = [wire.mpint(), wire.mpint()];
    wire.end();
    if (r.length > size || s.length > size) return false;
    return verify(
      hash,
      data,
      { key: publicKey.key, dsaEncoding: 'ieee-p1363' },
      Buffer.concat([r, s].map(padded(size))),
    );
  };

/** SHA-1 (`ssh-rsa` as an algorithm) is none of them. */
const rsa =
  (hash: string): Check =>
  (data, { publicKey, value }) => {
    const size = (publicKey.key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    return value.length <= Math.ceil(size) && verify(hash, data, publicKey.key, padded(Math.ceil(size))(value));
  };

const padded =
  (size: number) =>
  (number: Buffer): Buffer =>
    Buffer.concat([Buffer.alloc(size - number.length), number]);

/** By the key's type, which algorithms may stand in a signature of it. */
const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  'ssh-ed25519': { 'ssh-ed25519': ed25519 },
  'sk-ssh-ed25519@openssh.com': { 'sk-ssh-ed25519@openssh.com': securityKey },
  'ecdsa-sha2-nistp256': { 'ecdsa-sha2-nistp256': ecdsa('sha256', 32) },
  'ecdsa-sha2-nistp384': { 'ecdsa-sha2-nistp384': ecdsa('sha384', 48) },
  'ecdsa-sha2-nistp521': { 'ecdsa-sha2-nistp521': ecdsa('sha512', 66) },
  'ssh-rsa': { 'rsa-sha2-256': rsa('sha256'), 'rsa-sha2-512': rsa('sha512') },
};

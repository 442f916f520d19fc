/** Public keys of people, as `~/.ssh/*.pub` holds them (RFC 4253, 5656, 8332, 8709; PROTOCOL.u2f of OpenSSH). */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Malformed, readBase64, readWire, wireString, type WireReader } from './wire';

export interface PublicKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** As SSH encodes it. */
  readonly blob: Buffer;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  readonly key: KeyObject;
  /** Of a security key: what it signs for, such as `ssh:`. */
  readonly application?: string;
}

/** A line of such a file is not longer. */
const LINE_LIMIT = 8_192;
const RSA_BITS = { least: 2_048, most: 8_192 } as const;

/** Reads a key from its encoding. @throws Malformed */
export function readKeyBlob(blob: Buffer): PublicKey {
  const wire = readWire(blob);
  const type = wire.text();
  const read = TYPES[type];
  if (read === undefined) throw new Malformed(`${typeName(type)} is not supported; supported: ${KEY_TYPES.join(', ')}`);
  const { jwk, application } = read(wire);
  wire.end();
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`;
  return { type, blob, fingerprint, key: keyOf(jwk), ...(application === undefined ? {} : { application }) };
}

/** Reads `ssh-ed25519 AAAA… comment`, or an Ed25519 key in PEM. @throws Malformed */
export function readPublicKey(text: string): PublicKey {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN PUBLIC KEY-----')) return fromPem(trimmed);
  if (/PRIVATE KEY/.test(trimmed.slice(0, 100)))
    throw new Malformed('it is a private key, which nobody else may have; name the public one (.pub)');
  const [type = '', encoded = ''] = trimmed.slice(0, LINE_LIMIT).split(/\s+/);
  if (trimmed.includes('\n')) throw new Malformed('it holds more than one line; name a file with one public key');
  if (encoded === '') throw new Malformed('it is no public key: expected a line such as `ssh-ed25519 AAAA…`');
  const key = readKeyBlob(readBase64(encoded, LINE_LIMIT));
  if (key.type !== type) throw new Malformed(`it says ${typeName(type)} and holds ${key.type}`);
  return key;
}

/** The line that is kept: type and key, without the comment. */
export const keyLine = ({ type, blob }: Pick<PublicKey, 'type' | 'blob'>): string =>
  `${type} ${blob.toString('base64')}`;

/** An Ed25519 key of Node's as SSH encodes it. @throws Malformed */
export function ed25519Blob(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Malformed(`a key in PEM must be Ed25519, not ${key.asymmetricKeyType ?? 'another'}`);
  const { x = '' } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.from(x, 'base64url'))]);
}

function fromPem(text: string): PublicKey {
  try {
    return readKeyBlob(ed25519Blob(createPublicKey(text.slice(0, LINE_LIMIT))));
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed('it is no public key');
  }
}

interface Read {
  readonly jwk: JsonWebKey;
  readonly application?: string;
}

const TYPES: Readonly<Record<string, (wire: WireReader) => Read>> = {
  'ssh-ed25519': (wire) => ({ jwk: ed25519(wire) }),
  'sk-ssh-ed25519@openssh.com': (wire) => ({ jwk: ed25519(wire), application: wire.text() }),
  'ecdsa-sha2-nistp256': (wire) => ({ jwk: curve(wire, 'nistp256', 'P-256', 32) }),
  'ecdsa-sha2-nistp384': (wire) => ({ jwk: curve(wire, 'nistp384', 'P-384', 48) }),
  'ecdsa-sha2-nistp521': (wire) => ({ jwk: curve(wire, 'nistp521', 'P-521', 66) }),
  'ssh-rsa': (wire) => ({ jwk: rsa(wire) }),
};

const KEY_TYPES = Object.keys(TYPES);

function ed25519(wire: WireReader): JsonWebKey {
  const point = wire.string();
  if (point.length !== 32) throw new Malformed('an Ed25519 key has 32 bytes');
  return { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') };
}

function curve(wire: WireReader, name: string, crv: string, size: number): JsonWebKey {
  const point = (wire.text() === name ? wire.string() : null) ?? Buffer.alloc(0);
  if (point.length !== 2 * size + 1 || point[0] !== 4) throw new Malformed(`its point is none of ${name}`);
  const [x, y] = [point.subarray(1, size + 1), point.subarray(size + 1)];
  return { kty: 'EC', crv, x: x.toString('base64url'), y: y.toString('base64url') };
}

function rsa(wire: WireReader): JsonWebKey {
  const [e, n] = [wire.mpint(), wire.mpint()];
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) {
    throw new Malformed(`an RSA key of ${bits} bits is not taken: ${RSA_BITS.least} to ${RSA_BITS.most} are`);
  }
  if (e.length > 8) throw new Malformed('its exponent is too large');
  return { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
}

/** Node refuses points that are not on their curve. */
function keyOf(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new Malformed('it is no key of its type');
  }
}

const typeName = (type: string): string => JSON.stringify(type.slice(0, 60));

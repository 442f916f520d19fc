/** Cross-tested with OpenSSH: what it signs is verified here, what is signed here it verifies, and neither takes anything else. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { keyLine, readKeyBlob, readPublicKey } from '../../../system/ssh/public-key';
import { isSignedBy, oneLine, readSignature, signEd25519 } from '../../../system/ssh/sshsig';
import { Malformed, wireString } from '../../../system/ssh/wire';
import { removeScratch, scratch } from '../../support/scratch';
import { framed, hasSshKeygen, makeKey, signWith, sshAccepts, type KeyFile } from '../../support/ssh';

const withSsh = hasSshKeygen ? test : test.skip;
const TEXT = '{"person":"ana"}';
const NAMESPACE = 'mvca-approval';
const folder = scratch();
afterAll(removeScratch);

const KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['ed25519', ['-t', 'ed25519']],
  ['ecdsa-256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa-384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa-521', ['-t', 'ecdsa', '-b', '521']],
  ['rsa-2048', ['-t', 'rsa', '-b', '2048']],
];

describe.each(hasSshKeygen ? KEYS : [])('a key of %s', (name, args) => {
  let key: KeyFile;
  beforeAll(() => {
    key = makeKey(folder, name, args);
  });

  test.each(['sha256', 'sha512'])('signs with ssh-keygen over %s, and is verified', (hash) => {
    const signature = readSignature(signWith(key.file, TEXT, NAMESPACE, ['-O', `hashalg=${hash}`]));
    expect(signature.hash).toBe(hash);
    expect(signature.publicKey.fingerprint).toBe(readPublicKey(key.publicLine).fingerprint);
    expect(isSignedBy(TEXT, NAMESPACE, signature)).toBe(true);
    expect(isSignedBy(`${TEXT} `, NAMESPACE, signature)).toBe(false);
    expect(isSignedBy(TEXT, 'file', signature)).toBe(false);
  });

  test('signed for another namespace counts nowhere here', () => {
    const signature = readSignature(signWith(key.file, TEXT, 'file'));
    expect(isSignedBy(TEXT, NAMESPACE, signature)).toBe(false);
  });

  test('is accepted nowhere with one byte changed, as OpenSSH says too', () => {
    const line = oneLine(signWith(key.file, TEXT, NAMESPACE));
    const bytes = Buffer.from(line, 'base64');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        expect(accepts(other.toString('base64'), key)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

function accepts(line: string, key: KeyFile): boolean {
  try {
    const signature = readSignature(line);
    return (
      signature.publicKey.fingerprint === readPublicKey(key.publicLine).fingerprint &&
      isSignedBy(TEXT, NAMESPACE, signature)
    );
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

withSsh('what is signed without ssh-keygen is verified by it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signature = signEd25519(TEXT, NAMESPACE, privateKey);
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const known = { folder, publicLine: keyLine(readPublicKey(pem)), namespace: NAMESPACE, signature: framed(signature) };
  expect(sshAccepts({ ...known, text: TEXT })).toBe(true);
  expect(sshAccepts({ ...known, text: 'another' })).toBe(false);
  expect(isSignedBy(TEXT, NAMESPACE, readSignature(signature))).toBe(true);
});

/** What a security key signs (PROTOCOL.u2f), with a key that lies in memory. */
function withSecurityKey(flags: number): { readonly publicLine: string; readonly signature: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const type = 'sk-ssh-ed25519@openssh.com';
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([type, point, 'ssh:'].map(wireString));
  const sha = (hash: string, content: string | Buffer): Buffer => createHash(hash).update(content).digest();
  const data = Buffer.concat([
    Buffer.from('SSHSIG'),
    ...[NAMESPACE, '', 'sha512', sha('sha512', TEXT)].map(wireString),
  ]);
  const seen = Buffer.from([flags, 0, 0, 0, 7]);
  const value = sign(null, Buffer.concat([sha('sha256', 'ssh:'), seen, sha('sha256', data)]), privateKey);
  const inner = Buffer.concat([wireString(type), wireString(value), seen]);
  const parts = [blob, NAMESPACE, '', 'sha512', inner].map(wireString);
  const signature = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), ...parts]).toString('base64');
  return { publicLine: `${type} ${blob.toString('base64')}`, signature };
}

withSsh('a security key counts where somebody touched it', () => {
  const { publicLine, signature } = withSecurityKey(1);
  expect(isSignedBy(TEXT, NAMESPACE, readSignature(signature))).toBe(true);
  // OpenSSH takes the same bytes, and would take those that nobody touched.
  expect(sshAccepts({ folder, publicLine, text: TEXT, namespace: NAMESPACE, signature: framed(signature) })).toBe(true);
  expect(isSignedBy(TEXT, NAMESPACE, readSignature(withSecurityKey(0).signature))).toBe(false);
});

test.each([
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----', /private key/],
  ['two keys', 'ssh-ed25519 AAAA\nssh-ed25519 AAAA', /more than one line/],
  ['no key', 'hello', /no public key/],
  [
    'another type',
    `ssh-dss ${wireString('ssh-dss').toString('base64')}`,
    /"ssh-dss" is not supported; supported: ssh-ed25519/,
  ],
  [
    'a type that it does not hold',
    `ssh-rsa ${blobOf(Buffer.alloc(32, 9)).toString('base64')}`,
    /says "ssh-rsa" and holds/,
  ],
  ['a key that is too short', blobLine(Buffer.alloc(31)), /32 bytes/],
  [
    'bytes after its end',
    `ssh-ed25519 ${Buffer.concat([blobOf(Buffer.alloc(32)), Buffer.alloc(1)]).toString('base64')}`,
    /after its end/,
  ],
  ['letters that are no base64', 'ssh-ed25519 AAAA*AAA', /not base64/],
])('%s is not taken as a public key', (_what, text, words) => {
  expect(() => readPublicKey(text)).toThrow(Malformed);
  expect(() => readPublicKey(text)).toThrow(words);
});

function blobOf(point: Buffer): Buffer {
  return Buffer.concat([wireString('ssh-ed25519'), wireString(point)]);
}
function blobLine(point: Buffer): string {
  return `ssh-ed25519 ${blobOf(point).toString('base64')}`;
}

withSsh('an RSA key below 2,048 bits is not taken', () => {
  const { publicLine } = makeKey(folder, 'small', ['-t', 'rsa', '-b', '1024']);
  expect(() => readPublicKey(publicLine)).toThrow(/RSA key of 1024 bits is not taken/);
});

test('whatever bytes come, a reader ends at once: with a value, or with `Malformed`', () => {
  const reads = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(Malformed);
    }
  };
  const bytes = fc.uint8Array({ maxLength: 2_000 });
  fc.assert(fc.property(bytes, (data) => reads(() => readKeyBlob(Buffer.from(data)))));
  const startsRight = bytes.map((data) => Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), data]).toString('base64'));
  fc.assert(fc.property(startsRight, (text) => reads(() => readSignature(text))));
  fc.assert(fc.property(fc.string({ maxLength: 9_000 }), (text) => reads(() => readSignature(text))));
  fc.assert(fc.property(fc.string({ maxLength: 9_000 }), (text) => reads(() => readPublicKey(text))));
  const began = performance.now();
  reads(() => readSignature('A'.repeat(1_000_000)));
  reads(() => readPublicKey(`ssh-rsa ${'A'.repeat(1_000_000)}`));
  reads(() => readSignature(`-----BEGIN SSH SIGNATURE-----${' '.repeat(1_000_000)}`));
  expect(performance.now() - began).toBeLessThan(2_000);
});

/** Certificates of our own making (X.509 version 3, RFC 5280) on keys of the curve P-256: for one server and its clients, on one machine. */
import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { around, bits, instead, integer, octets, oid, sequence, set, text, time, yes } from './der';

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = oid('2.5.4.3');
const USAGE = { digitalSignature: 0x80, certificateSign: 0x04 };
const PURPOSE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };
const SERIAL_BYTES = 16;

export interface Validity {
  readonly from: Date;
  readonly until: Date;
}

export interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
  readonly certificate: string;
}

/** Both in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** An authority that signs for nobody but `issue`. */
export function makeAuthority(name: string, validity: Validity): Issuer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = certify(
    { name, key: privateKey },
    {
      name,
      key: createPublicKey(privateKey),
      validity,
      extensions: [
        extension('2.5.29.19', sequence(yes())),
        extension('2.5.29.15', bits(Buffer.from([USAGE.certificateSign]), 2)),
      ],
    },
  );
  return { name, key: privateKey, certificate };
}

/** A key and its certificate: for the server of this machine's loopback, or for who connects to it. */
export function issue(issuer: Issuer, purpose: keyof typeof PURPOSE, validity: Validity): Issued {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = sequence(instead(2, Buffer.from('localhost')), instead(7, Buffer.from([127, 0, 0, 1])));
  const certificate = certify(issuer, {
    name: `mvca engine, ${purpose}`,
    key: createPublicKey(privateKey),
    validity,
    extensions: [
      extension('2.5.29.15', bits(Buffer.from([USAGE.digitalSignature]), 7)),
      extension('2.5.29.37', sequence(oid(PURPOSE[purpose]))),
      ...(purpose === 'server' ? [extension('2.5.29.17', names)] : []),
    ],
  });
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Subject {
  readonly name: string;
  readonly key: KeyObject;
  readonly validity: Validity;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280 4.1, field by field. */
function certify(issuer: Pick<Issuer, 'name' | 'key'>, { name, key, validity, extensions }: Subject): string {
  const content = sequence(
    around(0, integer(Buffer.from([2]))),
    integer(randomBytes(SERIAL_BYTES)),
    ECDSA_WITH_SHA256,
    distinguished(issuer.name),
    sequence(time(validity.from), time(validity.until)),
    distinguished(name),
    key.export({ type: 'spki', format: 'der' }),
    around(3, sequence(...extensions)),
  );
  const signature = sign('sha256', content, issuer.key);
  return pem(sequence(content, ECDSA_WITH_SHA256, bits(signature)));
}

const distinguished = (name: string): Buffer => sequence(set(sequence(COMMON_NAME, text(name))));

/** All of ours are critical, as RFC 5280 asks for the first two: who does not know one refuses the certificate. */
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), yes(), octets(value));

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

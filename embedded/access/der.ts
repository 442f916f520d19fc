/** ASN.1 in its distinguished encoding (X.690), as far as a certificate needs it: written, never read. */

const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 };

/** One element: its tag, its length, its content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => element(TAG.set, ...items);
export const octets = (content: Uint8Array): Buffer => element(TAG.octets, content);
export const text = (value: string): Buffer => element(TAG.utf8, Buffer.from(value));
export const yes = (): Buffer => element(0x01, Buffer.from([0xff]));
/** `[number]`, which stands around an element. */
export const around = (number: number, ...items: readonly Uint8Array[]): Buffer => element(0xa0 | number, ...items);
/** `[number]`, which stands in the place of the element's own tag. */
export const instead = (number: number, content: Uint8Array): Buffer => element(0x80 | number, content);

/** Not negative. */
export function integer(value: Uint8Array): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.from([0]) : Buffer.from(value.subarray(first));
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return element(TAG.integer, Buffer.from(sign), digits);
}

/** A bit string; `unused` bits at its end do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => element(TAG.bits, Buffer.from([unused]), content);

/** Such as `2.5.29.15`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** GeneralizedTime, whole seconds. */
export const time = (moment: Date): Buffer =>
  element(TAG.time, Buffer.from(`${moment.toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`));

function lengthOf(bytes: number): number[] {
  if (bytes < 0x80) return [bytes];
  const digits: number[] = [];
  for (let left = bytes; left > 0; left >>>= 8) digits.unshift(left & 0xff);
  return [0x80 | digits.length, ...digits];
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** The encoding of SSH (RFC 4251, 5), read with bounds: whatever is too long, or not there, is an error and never a guess. */

/** Thrown for what is not as the protocol says; the message is for people. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

export interface WireReader {
  bytes(count: number): Buffer;
  uint32(): number;
  /** A `string`: its length, then as many bytes. */
  string(): Buffer;
  text(): string;
  /** A positive whole number, without its leading zero. */
  mpint(): Buffer;
  /** @throws Malformed when anything is left. */
  end(): void;
}

export function readWire(data: Buffer): WireReader {
  let at = 0;
  const bytes = (count: number): Buffer => {
    if (count > data.length - at) throw new Malformed(`it ends ${count - (data.length - at)} bytes too early`);
    at += count;
    return data.subarray(at - count, at);
  };
  const uint32 = (): number => bytes(4).readUInt32BE(0);
  const string = (): Buffer => bytes(uint32());
  return {
    bytes,
    uint32,
    string,
    text: () => string().toString('latin1'),
    mpint: () => positive(string()),
    end: () => {
      if (at !== data.length) throw new Malformed(`${data.length - at} bytes stand after its end`);
    },
  };
}

function positive(number: Buffer): Buffer {
  const [first = 0, second = 0] = number;
  if (number.length === 0 || first >= 0x80) throw new Malformed('a number in it is not positive');
  if (first !== 0) return number;
  // A zero in front only keeps the number positive.
  if (number.length === 1 || second < 0x80) throw new Malformed('a number in it is not in its shortest form');
  return number.subarray(1);
}

export const wireString = (content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Base64 with nothing else in it; other than Node's decoder, which passes over what it does not know. @throws Malformed */
export function readBase64(text: string, limit: number): Buffer {
  if (text.length > limit) throw new Malformed(`it has ${text.length} characters, and at most ${limit} are read`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) throw new Malformed('it is not base64');
  return Buffer.from(text, 'base64');
}

/** What undici and Node do with a connection to an instance, made milder in two points; the connection is otherwise theirs. */
import type { Socket } from 'node:net';

/** Whether the beginning of an answer is waited for. */
export interface Awaiting {
  awaitsHead: boolean;
}

const MOST_HEAD_BYTES = 64 * 1024;
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

/**
 * An instance may answer before the request is whole, and close. Writing on fails then, and Node would throw the connection away with
 * the answer in it: what came is read first, and its end tells that the instance is gone.
 */
export function readsOnWhenWritesFail(socket: Socket): void {
  const [write, writev] = [socket._write.bind(socket), socket._writev?.bind(socket)];
  const milder =
    (done: Done): Done =>
    (error) =>
      done(GONE.has((error as NodeJS.ErrnoException | null | undefined)?.code) ? null : error);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, milder(done));
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, milder(done));
}

type Done = (error?: Error | null) => void;

/**
 * Takes `100 Continue` out of what is read while an answer is waited for: nobody asked for it, a client must be able to take it (RFC 9110,
 * section 15.2), and undici ends the connection over it.
 */
export function withoutContinue(socket: Socket, awaiting: Awaiting): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  let held: Buffer | null = null;
  socket.read = (size?: number): Buffer | null => {
    for (;;) {
      const chunk = read(size);
      if (chunk === null || (held === null && !(awaiting.awaitsHead && mayBeInterim(chunk, 0)))) return chunk;
      const { passed, rest } = withoutContinueIn(held === null ? chunk : Buffer.concat([held, chunk]));
      held = rest;
      if (passed.length > 0) return passed;
    }
  };
}

/** `rest`: a head that is not whole yet. */
function withoutContinueIn(bytes: Buffer): { readonly passed: Buffer; readonly rest: Buffer | null } {
  const kept: Buffer[] = [];
  let at = 0;
  while (at < bytes.length && mayBeInterim(bytes, at)) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1 && bytes.length - at < MOST_HEAD_BYTES)
      return { passed: Buffer.concat(kept), rest: bytes.subarray(at) };
    if (end === -1) break;
    if (bytes.toString('latin1', at + 9, at + 12) !== '100') kept.push(bytes.subarray(at, end + 4));
    at = end + 4;
  }
  kept.push(bytes.subarray(at));
  return { passed: kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept), rest: null };
}

const BEGINNING = Buffer.from('HTTP/1.1 1');

/** Whether an answer of 1xx begins there, as far as that can be seen. */
function mayBeInterim(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < BEGINNING.length && at + i < bytes.length; i += 1)
    if (bytes[at + i] !== BEGINNING[i] && i !== 7) return false;
  return true;
}

/**
 * Which sockets listen, as Linux tells it (proc(5): `net/tcp`, `net/tcp6`). Listening sockets come first in both files, and what comes
 * after them costs the kernel a walk over all connections: it is read row by row, and no further than needed.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import os from 'node:os';

export interface ListeningSocket {
  readonly table: 'tcp' | 'tcp6';
  /** As the table has it, in hexadecimal. */
  readonly address: string;
  readonly port: number;
  /** The account that opened it. */
  readonly uid: number;
  readonly inode: string;
}

const TABLES = ['tcp', 'tcp6'] as const;
/** State `LISTEN`. */
const LISTEN = '0A';
/** A row of `net/tcp`. */
const ROW_BYTES = 150;

/** Addresses whose listeners are met at 127.0.0.1: itself, all of IPv4, and both as IPv6 has them. */
const LOOPBACK = os.endianness() === 'LE' ? '0100007F' : '7F000001';
const MAPPED = `${'0'.repeat(16)}${os.endianness() === 'LE' ? 'FFFF0000' : '0000FFFF'}`;
const AT_LOOPBACK: ReadonlySet<string> = new Set([
  LOOPBACK,
  '0'.repeat(8),
  `${MAPPED}${LOOPBACK}`,
  `${MAPPED}${'0'.repeat(8)}`,
  '0'.repeat(32),
]);

/** All that listen. A table that is not there (a kernel without IPv6) has none. */
export const readListeners = (): readonly ListeningSocket[] =>
  TABLES.flatMap((table) => {
    const found: ListeningSocket[] = [];
    eachListener(table, (socket) => void found.push(socket));
    return found;
  });

/** Those that would take a connection to 127.0.0.1 at that port. */
export const listenersAtLoopback = (port: number): readonly ListeningSocket[] =>
  readListeners().filter((socket) => socket.port === port && AT_LOOPBACK.has(socket.address));

/** Whether that very socket listens now. */
export function listensStill({ table, port, inode }: ListeningSocket): boolean {
  let isThere = false;
  eachListener(table, (socket) => {
    isThere = socket.inode === inode && socket.port === port;
    return isThere;
  });
  return isThere;
}

/** @param visit ends the reading by `true`. */
function eachListener(table: ListeningSocket['table'], visit: (socket: ListeningSocket) => boolean | void): void {
  let file: number;
  try {
    file = openSync(`/proc/self/net/${table}`, 'r');
  } catch {
    return;
  }
  try {
    for (const row of rowsOf(file)) {
      const socket = parse(table, row);
      if (socket === null || visit(socket) === true) return;
    }
  } finally {
    closeSync(file);
  }
}

/** Its rows without the headline. */
function* rowsOf(file: number): Generator<string> {
  const buffer = Buffer.allocUnsafe(ROW_BYTES);
  let text = '';
  let isHeadline = true;
  for (;;) {
    const length = readSync(file, buffer, 0, ROW_BYTES, null);
    if (length === 0) return;
    text += buffer.toString('latin1', 0, length);
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      if (!isHeadline) yield text.slice(0, end);
      isHeadline = false;
      text = text.slice(end + 1);
    }
  }
}

/** null for one that does not listen. */
function parse(table: ListeningSocket['table'], row: string): ListeningSocket | null {
  const fields = row.trim().split(/\s+/);
  const [, local = '', , state] = fields;
  if (state !== LISTEN) return null;
  const [address = '', port = ''] = local.split(':');
  return { table, address, port: parseInt(port, 16), uid: Number(fields[7]), inode: fields[9] ?? '' };
}

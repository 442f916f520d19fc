/**
 * To which account a connection's other end belongs: the kernel's table of TCP connections (proc(5), /proc/net/tcp). The table is that
 * of the machine, opened before this process was given a namespace of its own; it is read anew for every question.
 */
import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

const ESTABLISHED = '01';
const CHUNK = 1 << 16;
/** A table that changes while it is read may leave a line out. */
const ATTEMPTS = 3;

/** null: not to be found, because it is closed already or comes from another machine; whoever asks refuses it then. */
export type AccountOf = (socket: Socket) => number | null;

export function accountsFrom(table: number): AccountOf {
  const known = new WeakMap<Socket, number>();
  return (socket) => {
    const before = known.get(socket);
    if (before !== undefined) return before;
    const account = find(table, socket);
    if (account !== null) known.set(socket, account);
    return account;
  };
}

function find(table: number, { remoteAddress, remotePort, localAddress, localPort }: Socket): number | null {
  const [from, to] = [inHex(remoteAddress, remotePort), inHex(localAddress, localPort)];
  if (from === null || to === null) return null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    for (const line of read(table).split('\n')) {
      // Their end of it: what is remote here is local there. Fields: number, local, remote, state, queues, timer, retransmits, uid.
      const [, local, remote, state, , , , uid] = line.trim().split(/\s+/);
      if (local === from && remote === to && state === ESTABLISHED) return Number(uid);
    }
  }
  return null;
}

function read(table: number): string {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const length = readSync(table, chunk, 0, CHUNK, at);
    if (length === 0) return Buffer.concat(chunks).toString('latin1');
    chunks.push(chunk.subarray(0, length));
    at += length;
  }
}

/** As the kernel writes it: the address as one number in the machine's byte order. */
function inHex(address: string | undefined, port: number | undefined): string | null {
  const bytes = (address ?? '').split('.').map(Number);
  if (bytes.length !== 4 || port === undefined) return null;
  const ordered = endianness() === 'LE' ? bytes.reverse() : bytes;
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  return `${ordered.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
}

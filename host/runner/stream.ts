/**
 * The output of an instance goes through a named pipe (fifo(7)) that the instance itself holds open for reading too: so it never
 * sees a pipe without a reader (SIGPIPE, EPIPE) when its runner is killed, and the next runner reads on where that one stopped.
 */
import { execFile } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { giveTo } from '../../system/accounts';
import { note } from '../../system/note';
import { createLines } from '../../system/lines';
import type { Account } from '../../system/sandbox/sandbox';

export interface OutputStream {
  /** A descriptor for the instance: blocking, open for both directions. The caller closes its own copy. */
  openForInstance(): number;
  /** Gives out an unfinished last line. */
  flush(): void;
}

interface StreamOptions {
  /** Longest line, in characters. */
  readonly longest: number;
  /** Who may open it once more, as `/dev/stdout`; null: we alone. */
  readonly account: Account | null;
}

export async function openStream(
  file: string,
  { longest, account }: StreamOptions,
  onLine: (line: string) => void,
): Promise<OutputStream> {
  await ensureFifo(file);
  if (account !== null) await giveTo(account, file);
  const lines = createLines({ longest }, onLine);
  // Both directions here too: without a writer it waits for the next one, and does not end.
  const descriptor = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new net.Socket({ fd: descriptor, readable: true, writable: false });
  socket.on('data', (chunk: Buffer) => lines.push(chunk));
  socket.on('error', (error) => note(`${file} cannot be read: ${error.message}`));
  return {
    openForInstance: () => openSync(file, constants.O_RDWR),
    flush: () => lines.flush(),
  };
}

async function ensureFifo(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const found = await lstat(file).catch(() => null);
  if (found?.isFIFO()) return;
  await rm(file, { force: true, recursive: true });
  await promisify(execFile)('mkfifo', ['-m', '600', '--', file]);
}

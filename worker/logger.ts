/** The worker's log, with what the SDK says in it: messages and attributes carry words of applications, and of whoever sent a request. */
import { format } from 'node:util';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { noted } from '../system/note';

export const createLogger = (
  write: (text: string) => void = (text) => void process.stderr.write(text),
): DefaultLogger =>
  new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }: LogEntry) =>
    write(noted(`[${level}] ${message}${meta === undefined ? '' : ` ${format(meta)}`}`, dateOf(timestampNanos))),
  );

const dateOf = (nanoseconds: bigint): Date => new Date(Number(nanoseconds / 1_000_000n));

/** Reads logs that are given as files, the newest part of those that are very long. */
import { readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { LogText } from '../domain/diagnosis/answer';
import type { Place } from '../domain/diagnosis/fault';

/** What is diagnosed at once: more says nothing new, and takes seconds. */
const MOST_BYTES = 32 * 1024 * 1024;

/** @param file a path, or `-` for standard input. @throws the system's error when it cannot be read */
export async function readLogFile(file: string): Promise<LogText> {
  if (file === '-') return { source: 'standard input', text: await readInput() };
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const text = size <= MOST_BYTES ? await handle.readFile('utf8') : await lastOf(handle, size);
    return { source: file, text };
  } finally {
    await handle.close();
  }
}

/** From a whole line on. The numbers of lines then count from there. */
async function lastOf(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<string> {
  const buffer = Buffer.alloc(MOST_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, MOST_BYTES, size - MOST_BYTES);
  const text = buffer.toString('utf8', 0, bytesRead);
  return text.slice(text.indexOf('\n') + 1);
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    for (; size > MOST_BYTES && chunks.length > 1; size -= chunks.shift()?.length ?? 0);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const LONGEST_CODE = 4 * 1024 * 1024;

/** A line of code that a trace names; null where that file is not here, or is no JavaScript or TypeScript. */
export function readCodeLine({ file, line }: Place): string | null {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return null;
  try {
    const found = statSync(file);
    if (!found.isFile() || found.size > LONGEST_CODE) return null;
    return readFileSync(file, 'utf8').split('\n')[line - 1] ?? null;
  } catch {
    return null; // the log is of another machine
  }
}

/** Reads the logs of releases: `logs/release.ndjson` and the older files that it was rotated to, secrets masked already. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../domain/host/runner';
import { createLines } from './lines';
import { ifMissing } from './missing';
import { openPlain } from './plain-file';

export const LOG_FILE = 'release.ndjson';
/** The one that is written and its older ones `.1` to `.3`. */
export const LOG_FILES = 4;
const FOLLOW_MS = 200;
/** More than the longest line: 64 Ki characters, each escaped to at most six bytes. */
const READ_BYTES = 1024 * 1024;
const CHUNK = 256 * 1024;
/** Of one file, its newest part: twice what a runner writes before it begins the next. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface LogFilter {
  /** Epoch milliseconds; older lines are left out. */
  readonly sinceMs?: number;
  readonly instance?: number;
  readonly stream?: LogLine['stream'];
}

export const logsFolder = (releaseFolder: string): string => path.join(releaseFolder, 'logs');

/** All lines of a release that is in `releaseFolder`, oldest first. None where there is no log. */
export async function* readLogs(releaseFolder: string, filter: LogFilter = {}): AsyncGenerator<LogLine> {
  for (const file of filesOf(releaseFolder)) {
    if (filter.sinceMs !== undefined && (await lastChange(file)) < filter.sinceMs) continue;
    yield* readFile(file, filter);
  }
}

/** The last `count` lines of a release, oldest first: enough of the newest files is read, not all of them. */
export async function tailLogs(releaseFolder: string, count: number, filter: LogFilter = {}): Promise<LogLine[]> {
  let found: LogLine[] = [];
  for (const file of filesOf(releaseFolder).reverse()) {
    const lines: LogLine[] = [];
    for await (const line of readFile(file, filter)) {
      lines.push(line);
      if (lines.length > count) lines.shift();
    }
    found = [...lines, ...found].slice(-count);
    if (found.length >= count) break;
  }
  return found;
}

/**
 * Lines as they are written, from `sinceMs` on (now, when it is not given), until `signal` is aborted. Goes on over rotations,
 * and waits for a log that is not there yet.
 */
export async function* followLogs(
  releaseFolder: string,
  filter: LogFilter,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const from = { ...filter, sinceMs: filter.sinceMs ?? Date.now() };
  const current = path.join(logsFolder(releaseFolder), LOG_FILE);
  let position = await positionOf(current);
  if (filter.sinceMs !== undefined) {
    position = { inode: position.inode, offset: 0 };
    for (const file of filesOf(releaseFolder).slice(0, -1)) {
      // Rotated since the position was taken: read below.
      if ((await positionOf(file)).inode !== position.inode) yield* readFile(file, from);
    }
  }
  while (!signal.aborted) {
    const read = await readOn(current, position);
    position = read.position;
    yield* matching(read.text.split('\n'), from);
    if (read.text === '') await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
  }
}

interface Position {
  readonly inode: number;
  readonly offset: number;
}

async function positionOf(file: string): Promise<Position> {
  try {
    const { ino, size } = await stat(file);
    return { inode: ino, offset: size };
  } catch {
    return { inode: 0, offset: 0 }; // not there yet
  }
}

/** Reads on from a position; when the file was rotated, first the rest of what is called `.1` now. */
async function readOn(file: string, from: Position): Promise<{ text: string; position: Position }> {
  const now = await positionOf(file);
  if (now.inode === 0) return { text: '', position: from };
  if (now.inode === from.inode) return readPart(file, from);
  const before = await positionOf(`${file}.1`);
  if (before.inode === from.inode) {
    const part = await readPart(`${file}.1`, from);
    if (part.text !== '') return part;
  }
  return readPart(file, { inode: now.inode, offset: 0 });
}

async function readPart(file: string, from: Position): Promise<{ text: string; position: Position }> {
  const opened = await openPlain(file);
  if (opened.kind === 'refused') return { text: '', position: from };
  const { handle } = opened;
  try {
    const buffer = Buffer.alloc(READ_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, from.offset);
    // Whole lines only, so that no character is cut in two; what fills a read without a line end is no line of ours, and passed over.
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1 || (bytesRead === READ_BYTES ? READ_BYTES : 0);
    return { text: buffer.toString('utf8', 0, end), position: { inode: from.inode, offset: from.offset + end } };
  } finally {
    await handle.close();
  }
}

/** Oldest first. */
function filesOf(releaseFolder: string): string[] {
  const current = path.join(logsFolder(releaseFolder), LOG_FILE);
  const older = Array.from({ length: LOG_FILES - 1 }, (_, index) => `${current}.${LOG_FILES - 1 - index}`);
  return [...older, current];
}

async function lastChange(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return -Infinity; // not there
  }
}

async function* readFile(file: string, filter: LogFilter): AsyncGenerator<LogLine> {
  // It may be rotated away between two looks.
  const opened = await openPlain(file).catch(ifMissing(null));
  if (opened?.kind !== 'open') return;
  const { handle, stats } = opened;
  let lines: string[] = [];
  const reader = createLines({ longest: READ_BYTES }, (line) => lines.push(line));
  try {
    for (let position = Math.max(0, stats.size - MOST_BYTES), last = false; !last;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
      position += bytesRead;
      last = bytesRead === 0;
      if (last) reader.flush();
      else reader.push(buffer.subarray(0, bytesRead));
      yield* matching(lines, filter);
      lines = [];
    }
  } finally {
    await handle.close();
  }
}

function* matching(texts: readonly string[], filter: LogFilter): Generator<LogLine> {
  for (const text of texts) {
    if (text === '') continue;
    const line = parse(text);
    if (line === null) continue;
    if (filter.sinceMs !== undefined && Date.parse(line.at) < filter.sinceMs) continue;
    if (filter.instance !== undefined && line.instance !== filter.instance) continue;
    if (filter.stream !== undefined && line.stream !== filter.stream) continue;
    yield line;
  }
}

function parse(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null; // half a line: the runner was killed while it wrote
  }
}

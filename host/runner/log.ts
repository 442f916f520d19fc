/** `logs/release.ndjson`, rotated to `.1`, `.2`, `.3`; all together never larger than the release's bound. */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { LogLine } from '../../domain/host/runner';
import { LOG_FILE, LOG_FILES } from '../../system/logs';

export interface ReleaseLog {
  /** Takes lines at once and writes them soon, in order. */
  write(line: LogLine): void;
  /** Writes what was taken. */
  flush(): void;
}

/**
 * A disk that is full loses lines, never the runner: how many were lost is said when lines can be written again.
 * @param bound of all files together, in bytes.
 */
export function openReleaseLog(folder: string, bound: number): ReleaseLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, LOG_FILE);
  const segment = Math.floor(bound / LOG_FILES);
  let descriptor = openSync(file, 'a', 0o600);
  let size = fstatSync(descriptor).size;
  // A runner killed while it wrote may have left half a line; that must not spoil the next one.
  let waiting: string[] = size > 0 ? ['\n'] : [];
  let lost = 0;
  let scheduled = false;

  function rotate(): void {
    rmSync(`${file}.${LOG_FILES - 1}`, { force: true });
    for (let n = LOG_FILES - 2; n >= 1; n--)
      if (existsSync(`${file}.${n}`)) renameSync(`${file}.${n}`, `${file}.${n + 1}`);
    renameSync(file, `${file}.1`);
    const next = openSync(file, 'a', 0o600);
    closeSync(descriptor);
    descriptor = next;
    size = 0;
  }

  function append(text: string): void {
    const bytes = Buffer.from(text);
    if (size > 0 && size + bytes.length > segment) rotate();
    if (bytes.length > segment) return; // a bound so small that this line alone would break it
    let done = 0;
    while (done < bytes.length) done += writeSync(descriptor, bytes, done);
    size += bytes.length;
  }

  function flush(): void {
    scheduled = false;
    const texts = waiting;
    waiting = [];
    try {
      if (lost > 0 && texts.length > 0) append(lostLine(lost));
      lost = 0;
      for (const chunk of chunksOf(texts, Math.min(segment, 256 * 1024))) append(chunk);
    } catch {
      lost += texts.length; // the disk is full; nobody can be told here
      size = fstatSync(descriptor).size;
    }
  }

  return {
    write(line) {
      if (!scheduled) setImmediate(flush);
      scheduled = true;
      waiting.push(`${JSON.stringify(line)}\n`);
    },
    flush,
  };
}

/** Joins lines into few writes, none larger than `most` bytes unless a line alone is. */
function* chunksOf(texts: readonly string[], most: number): Generator<string> {
  let chunk = '';
  let bytes = 0;
  for (const text of texts) {
    const length = Buffer.byteLength(text);
    if (bytes > 0 && bytes + length > most) {
      yield chunk;
      chunk = '';
      bytes = 0;
    }
    chunk += text;
    bytes += length;
  }
  if (bytes > 0) yield chunk;
}

const lostLine = (count: number): string =>
  `${JSON.stringify({
    at: new Date().toISOString(),
    instance: 0,
    stream: 'mvca',
    line: `about ${count} lines are lost: the disk was full`,
  } satisfies LogLine)}\n`;

/** The newest part of a release's log as one text, bounded. */
import path from 'node:path';
import { LOG_FILE, LOG_FILES, logsFolder } from './logs';
import { ifMissing } from './missing';
import { openPlain } from './plain-file';

/** Lines as they stand in `logs/release.ndjson` and its older files, whole, at most `bytes` of them. Empty where there is no log. */
export async function readLogText(releaseFolder: string, bytes: number): Promise<string> {
  const current = path.join(logsFolder(releaseFolder), LOG_FILE);
  const files = [current, ...Array.from({ length: LOG_FILES - 1 }, (_, index) => `${current}.${index + 1}`)];
  let [text, left] = ['', bytes];
  for (const file of files) {
    if (left <= 0) break;
    const part = await endOf(file, left);
    if (part === null) break;
    text = part + text;
    left -= Buffer.byteLength(part);
  }
  return text;
}

/** null: there is no such file, or what is there is none. */
async function endOf(file: string, bytes: number): Promise<string | null> {
  const opened = await openPlain(file).catch(ifMissing(null));
  if (opened?.kind !== 'open') return null;
  const { handle, stats } = opened;
  try {
    const { size } = stats;
    const buffer = Buffer.alloc(Math.min(size, bytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8', 0, bytesRead);
    return size <= bytes ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}

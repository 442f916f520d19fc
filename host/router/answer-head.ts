/** What a client is told of an answer: the instance's headers without those of its connection. */
import { STATUS_CODES } from 'node:http';

/** The head of an answer, ready for `writeHead`. */
export interface AnswerHead {
  readonly headers: string[];
  /** `content-type: text/event-stream`: never buffered, and may be closed after the drain limit. */
  readonly isEventStream: boolean;
  readonly contentLength: number | null;
}

/**
 * @param raw name and value by turns: text, or bytes as undici gives them.
 * @param mayTrail whether this kind of answer can have trailers; `Trailer` would be an error of ours where it is not chunked.
 */
// eslint-disable-next-line complexity -- runs for every answer: the length of a name decides, and no table is looked up
export function answerHead(raw: readonly (Buffer | string)[], mayTrail: boolean): AnswerHead {
  const headers: string[] = [];
  let isEventStream = false;
  let contentLength: number | null = null;
  let named: Set<string> | null = null;
  let trailer: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const name = text(raw[i]);
    switch (name.length) {
      case 7:
        if (isNamed(name, 'upgrade')) continue;
        if (isNamed(name, 'trailer')) {
          trailer = text(raw[i + 1]);
          continue;
        }
        break;
      case 10:
        if (isNamed(name, 'keep-alive')) continue;
        if (isNamed(name, 'connection')) {
          named = namedIn(text(raw[i + 1]), named);
          continue;
        }
        break;
      case 12:
        if (isNamed(name, 'content-type') && isEventStreamType(text(raw[i + 1]))) isEventStream = true;
        break;
      case 14:
        if (isNamed(name, 'content-length')) contentLength = Number(text(raw[i + 1]));
        break;
      case 16:
        if (isNamed(name, 'proxy-connection')) continue;
        break;
      case 17:
        if (isNamed(name, 'transfer-encoding') && isNamed(text(raw[i + 1]), 'chunked')) continue;
        break;
      case 18:
        if (isNamed(name, 'proxy-authenticate')) continue;
        break;
    }
    headers.push(name, text(raw[i + 1]));
  }
  if (trailer !== null && mayTrail && contentLength === null) headers.push('Trailer', trailer);
  return { headers: named === null ? headers : withoutNamed(headers, named), isEventStream, contentLength };
}

/**
 * The words behind a status, byte by byte as Node writes them; those of the standard where they cannot be sent on.
 * @param text as undici gives it: read as UTF-8, so that other bytes are lost.
 */
export function reasonOf(status: number, text: string): string {
  const standard = STATUS_CODES[status] ?? '';
  if (text === standard || isPlain(text)) return text;
  if (text.includes('\ufffd')) return standard;
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return isSendable(bytes) ? bytes : standard;
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126) return false;
  }
  return true;
}

/** What Node takes: a tab, and anything from a space on but DEL. */
function isSendable(bytes: string): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    const code = bytes.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127 || code > 255) return false;
  }
  return true;
}

/** Trailers in pairs; never what frames or addresses a message (RFC 9110, section 6.5.1). */
export function trailerPairs(raw: readonly (Buffer | string)[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = text(raw[i]);
    if (!/^(transfer-encoding|content-length|host|trailer|connection)$/i.test(name))
      pairs.push([name, text(raw[i + 1])]);
  }
  return pairs;
}

const text = (value: Buffer | string | undefined): string =>
  typeof value === 'string' ? value : value === undefined ? '' : value.toString('latin1');

const isNamed = (name: string, lower: string): boolean => name === lower || name.toLowerCase() === lower;

const isEventStreamType = (value: string): boolean => value.slice(0, 17).toLowerCase() === 'text/event-stream';

function namedIn(value: string, before: Set<string> | null): Set<string> | null {
  if (value === 'keep-alive' || value === 'close') return before;
  const names = value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'keep-alive' && name !== 'close' && name !== 'content-length');
  return names.length === 0 ? before : new Set([...(before ?? []), ...names]);
}

function withoutNamed(headers: readonly string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!named.has(name.toLowerCase())) kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

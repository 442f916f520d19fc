/** Heads that leave before an answer does: interim answers (1xx), and the head of one whose body is still to come. */
import type { OutgoingMessage, ServerResponse } from 'node:http';
import { answerHead, reasonOf } from './answer-head';

export interface Interim {
  readonly status: number;
  readonly reason: string;
  /** As `answerHead` takes it. */
  readonly raw: readonly (Buffer | string)[];
}

/**
 * Passes an interim answer on with all that it says, as RFC 9110, section 15.2 asks of proxies; not `100 Continue`, which is for those who
 * wait for it. Node's `writeEarlyHints` knows one status, and throws at a list of links.
 */
export function passInterim(response: ServerResponse, { status, reason, raw }: Interim): void {
  // HTTP/1.0 knows none. An answer whose turn has not come has no connection yet: Node would put these behind its head.
  if (status <= 101 || response.req.httpVersionMinor === 0 || response.socket === null) return;
  const { headers } = answerHead(raw, false);
  let head = `HTTP/1.1 ${status} ${reasonOf(status, reason)}\r\n`;
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() !== 'content-length') head += `${headers[i] ?? ''}: ${headers[i + 1] ?? ''}\r\n`;
  (response as unknown as Raw)._writeRaw(`${head}\r\n`, 'latin1');
}

interface Raw {
  _writeRaw(text: string, encoding: 'latin1'): boolean;
}

interface Waiting {
  readonly outputData: { encoding?: string | null }[];
}

const NOTHING = Buffer.alloc(0);

/**
 * Sends a head alone, byte by byte. `flushHeaders` would write it as UTF-8, so that each byte beyond ASCII became two; so would Node itself
 * where a request expects something: it has put that head among what waits for the connection.
 */
export function sendHead(message: OutgoingMessage): void {
  for (const part of (message as unknown as Waiting).outputData) part.encoding ??= 'latin1';
  message.write(NOTHING);
}

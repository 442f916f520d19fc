/** What the router answers itself: short plain text that says whose fault it is and when to come again. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { FlightEnd } from './figures';
import { LIMITS } from './limits';

const TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad request.',
  408: 'The request did not arrive in time.',
  500: 'The router failed.',
  501: 'Not implemented.',
  502: 'No instance of the application answered.',
  503: 'The application is not served at the moment.',
  504: 'The application did not answer in time.',
};

/** What is wrong with an answer that was not understood; undefined: there was none. It is said, because nothing else would tell it. */
export function faultOf(error: Error & { code?: string | undefined; reason?: string }): string | undefined {
  if (error.code === 'UND_ERR_HEADERS_OVERFLOW' || error.code === 'HPE_HEADER_OVERFLOW')
    return `The head of the application's answer is larger than ${LIMITS.answerHeadBytes / 1024} KB.`;
  if (error.name !== 'HTTPParserError' && error.code?.startsWith('HPE_') !== true) return undefined;
  const reason = error.reason ?? /\(([^()]+)\)$/.exec(error.message)?.[1] ?? error.message;
  return `The application's answer is not what HTTP/1.1 allows: ${reason}.`;
}

/** After these the connection cannot be trusted to be at the start of a request. */
const CLOSES: ReadonlySet<number> = new Set([400, 408, 501]);

/** Seconds; when an instance or a release is likely to be back. */
const RETRY_AFTER = '1';

const STATUS: Readonly<Record<Exclude<FlightEnd, 'answered'>, number>> = {
  'connect-error': 502,
  foreign: 503,
  reset: 502,
  timeout: 504,
  'gave-up': 408,
  'client-abort': 408,
  closed: 503,
};

export const statusOf = (end: FlightEnd): number => (end === 'answered' ? 200 : STATUS[end]);

/** Answers, or cuts the connection where an answer has begun already: a cut one must not look whole. */
export function answerItself(response: ServerResponse, status: number, detail?: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = `${detail ?? TEXTS[status] ?? 'Failed.'}\n`;
  const headers = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(Buffer.byteLength(text))];
  if (status >= 502) headers.push('Retry-After', RETRY_AFTER);
  if (CLOSES.has(status)) response.shouldKeepAlive = false;
  // With its words: those of an answer that could not be passed on may still be there.
  response.writeHead(status, STATUS_CODES[status] ?? '', headers);
  response.end(text);
  // What is still to come of the body is read and thrown away: closing now could take the answer away from the client.
  if (!response.req.complete) response.req.resume();
}

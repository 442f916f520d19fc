/** Whether a request was made by the Web UI itself, and not by another page that the same browser shows. */
import type { IncomingMessage } from 'node:http';

const READS = ['GET', 'HEAD'];

/** The names under which the Web UI may be asked for: a page whose own name was pointed at this machine (DNS rebinding) has another. */
export const namesOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

/**
 * Browsers tell where a request comes from (Fetch Metadata; Origin). Another port of this machine is the same site to them, and its page
 * would have the cookie sent along: so it must be the same origin, and what changes something must say so. Following a link is not: it shows the
 * page to whoever sits there, and tells the other page nothing.
 */
export function isOwnRequest({ method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const reads = READS.includes(method);
  if (origin !== undefined && origin !== `http://${host}`) return false;
  if (site === 'same-origin') return true;
  if (site === undefined) return reads || origin !== undefined;
  return (
    reads && (site === 'none' || (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'))
  );
}

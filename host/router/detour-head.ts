import type { ClientConnection } from './client-connection';
import type { Incoming } from './detour';
import { expectationOf, forwardedHead, takesTrailers, trailersOf } from './request-head';

/** Methods for which Node says nothing of a body that is not there. */
const BODILESS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** Framing and the words of the connection are said anew: http.request takes the list as it is. */
export function detourHead({ request, target, upgrade }: Incoming, client: ClientConnection): string[] {
  const { headers } = request;
  const head = forwardedHead(request, client, target.host);
  if (takesTrailers(request)) head.push('TE', 'trailers');
  const trailers = trailersOf(request);
  if (trailers !== undefined) head.push('Trailer', trailers);
  const expectation = expectationOf(request);
  if (expectation !== undefined) head.push('Expect', expectation);
  if (headers['transfer-encoding'] !== undefined) head.push('Transfer-Encoding', 'chunked');
  else if (headers['content-length'] === undefined && !BODILESS.has(request.method)) head.push('Content-Length', '0'); // otherwise Node would say `chunked`
  if (upgrade === null) head.push('Connection', 'close');
  else head.push('Connection', 'Upgrade', 'Upgrade', headers.upgrade ?? '');
  return head;
}

/** gRPC: whoever shows a certificate of the home's authority (TLS 1.3) is joined to the server; bytes are passed on as they are. */
import net from 'node:net';
import tls from 'node:tls';
import type { Keys } from '../access/keys';
import { Pending } from './pending';
import type { InnerPlaces } from './settings';

const HANDSHAKE_MS = 10_000;
const MOST_PENDING = 256;
/** A client that is gone without a word (a machine asleep, a cable) is noticed by TCP. */
const KEEP_ALIVE_MS = 30_000;

/** Not listening yet. */
export function createTunnel(keys: Keys, inner: InnerPlaces): tls.Server {
  const pending = new Pending(MOST_PENDING);
  const server = tls.createServer({
    ca: keys.authority,
    cert: keys.certificate,
    key: keys.key,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    handshakeTimeout: HANDSHAKE_MS,
    allowHalfOpen: true,
  });
  server.on('connection', (socket: net.Socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    pending.add(socket);
  });
  server.on('secureConnection', (socket) => {
    pending.prove(socket);
    if (!socket.authorized || socket.alpnProtocol !== 'h2') return void socket.destroy();
    join(socket, net.connect({ port: inner.grpc, host: inner.host, allowHalfOpen: true, noDelay: true }));
  });
  // Plain text, another protocol, no certificate or somebody else's: the connection is closed, and that is all.
  server.on('tlsClientError', (_error, socket) => void socket.destroy());
  return server;
}

/** Both ways, with back-pressure; the end of one way is the end of that way only, and a failure is the end of both. */
function join(one: net.Socket, other: net.Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.once('close', () => to.destroySoon());
    from.pipe(to);
  }
}

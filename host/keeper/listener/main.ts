/**
 * A thread of the keeper that opens one listening socket when it is told to, and then stands still for good. Its event loop never turns
 * again, so that it accepts nothing: connections wait in the kernel for the router, which got the same socket. The socket goes with it.
 */
import net, { type Server } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Opening, Opened } from '../sockets';

/** The socket of a router that has just been killed can outlive it for a moment. */
const TAKEN_MS = 200;
const RETRY_MS = 5;

function main({ listen, backlog, go }: Opening): void {
  Atomics.wait(go, 0, 0);
  const deadline = performance.now() + TAKEN_MS;
  const server = net.createServer();
  const attempt = (): void => void server.listen({ host: listen.host, port: listen.port, backlog });
  server.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EADDRINUSE' && performance.now() < deadline) setTimeout(attempt, RETRY_MS);
    else tell({ kind: 'refused', code: code ?? 'unknown' });
  });
  // Told in the same turn of the event loop in which it began to listen: nothing has been accepted yet.
  server.on('listening', () => {
    tell({ kind: 'listening', descriptor: descriptorOf(server) });
    Atomics.wait(go, 0, 1);
  });
  attempt();
}

const tell = (opened: Opened): void => parentPort?.postMessage(opened);

/** `_handle` is what the documentation of `server.listen(handle)` calls it; its types leave it out. */
const descriptorOf = (server: Server): number => (server as unknown as { _handle: { fd: number } })._handle.fd;

main(workerData as Opening);

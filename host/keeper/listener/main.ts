/**
 * A thread of the keeper that opens one listening socket and then stands still for good. Its event loop never turns again, so that it
 * accepts nothing: connections wait in the kernel for the router, which got the same socket. The socket goes with the thread.
 */
import net, { type Server } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Opening, Opened } from '../sockets';

const RETRY_MS = 5;

function main({ listen, backlog, patienceMs }: Opening): void {
  const deadline = performance.now() + patienceMs;
  const server = net.createServer();
  const attempt = (): void => void server.listen({ host: listen.host, port: listen.port, backlog });
  server.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EADDRINUSE' && performance.now() < deadline) setTimeout(attempt, RETRY_MS);
    else tell({ kind: 'refused', code: code ?? 'unknown' });
  });
  // Told in the same turn of the event loop in which it began to listen: nothing has been accepted yet.
  server.on('listening', () => {
    tell({ kind: 'listening', descriptor: descriptorOf(server) });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
  attempt();
}

const tell = (opened: Opened): void => parentPort?.postMessage(opened);

/** `_handle` is what the documentation of `server.listen(handle)` calls it; its types leave it out. */
const descriptorOf = (server: Server): number => (server as unknown as { _handle: { fd: number } })._handle.fd;

main(workerData as Opening);

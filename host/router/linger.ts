/** The end of a connection whose client is still sending. */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { connectionOf } from './client-connection';

/**
 * A connection that is closed with bytes unread is reset, and a reset takes the answer away from a client that has not read it yet. So
 * where Node closes it after the answer to this request, only our side is ended while the body still comes: that is read and thrown away.
 */
export function lingerAfterAnswer(request: IncomingMessage, lingerMs: number): void {
  const { socket } = request;
  const close = (): void => Socket.prototype.destroySoon.call(socket);
  socket.destroySoon = () => {
    if (request.complete || socket.destroyed) return close();
    connectionOf(socket).isDistrusted = true; // whatever follows the body gets no answer
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
    request.once('end', close).resume();
  };
}

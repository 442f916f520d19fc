/** Connections that have not shown yet that they belong here: at most so many, and the oldest goes for a new one. */
import type { Socket } from 'node:net';

/**
 * Strangers can open as many as they like; refusing new ones when there are too many would shut out who belongs here, who needs some
 * milliseconds to show it.
 */
export class Pending {
  private readonly sockets = new Map<string, Socket>();

  constructor(private readonly most: number) {}

  add(socket: Socket): void {
    const name = peerOf(socket);
    this.sockets.set(name, socket);
    socket.once('close', () => this.forget(name, socket));
    if (this.sockets.size <= this.most) return;
    const [oldest] = this.sockets;
    if (oldest === undefined) return;
    this.sockets.delete(oldest[0]);
    oldest[1].destroy();
  }

  /** It belongs here, and is limited no more. Also a socket that TLS laid over the one which was added. */
  prove(socket: Socket): void {
    this.sockets.delete(peerOf(socket));
  }

  private forget(name: string, socket: Socket): void {
    if (this.sockets.get(name) === socket) this.sockets.delete(name);
  }
}

/** No two connections to one port have the same at a time. */
const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

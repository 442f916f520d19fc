/** After `101 Switching Protocols` two sockets are joined; before it, a bare socket may still need an ordinary answer. */
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface End {
  readonly socket: Duplex;
  /** What was read beyond the head already. */
  readonly head: Buffer;
}

export interface Tunnel {
  /** The instance's 101. */
  readonly answer: IncomingMessage;
  readonly instance: End;
  readonly client: End;
  readonly halfOpenMs: number;
  /** Told once, when either side is gone. */
  readonly onEnd: (end: 'answered' | 'reset') => void;
}

/** Passes the 101 on as it came, and then bytes in both directions, as fast as the slower side takes them. */
export function joinTunnel({ answer, instance, client, halfOpenMs, onEnd }: Tunnel): void {
  let head = `HTTP/1.1 101 ${answer.statusMessage ?? ''}\r\n`;
  for (let i = 0; i < answer.rawHeaders.length; i += 2)
    head += `${answer.rawHeaders[i] ?? ''}: ${answer.rawHeaders[i + 1] ?? ''}\r\n`;
  client.socket.write(`${head}\r\n`, 'latin1');
  for (const socket of [client.socket, instance.socket] as Socket[]) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
  }
  if (instance.head.length > 0) client.socket.write(instance.head);
  if (client.head.length > 0) instance.socket.write(client.head);
  instance.socket.on('error', () => {
    onEnd('reset');
    client.socket.destroy();
  });
  instance.socket.on('close', () => {
    onEnd('answered');
    (client.socket as Socket).destroySoon();
  });
  client.socket.on('close', () => (instance.socket as Socket).destroySoon());
  endSilence(client.socket, instance.socket, halfOpenMs);
  endSilence(instance.socket, client.socket, halfOpenMs);
  instance.socket.pipe(client.socket);
  client.socket.pipe(instance.socket);
}

/** Once `from` has said its last, `to` may go on talking (as `docker attach` needs it), but not be silent for ever. */
function endSilence(from: Duplex, to: Duplex, halfOpenMs: number): void {
  from.on('end', () => (to as Socket).setTimeout(halfOpenMs, () => to.destroy()));
}

/** A response on a bare connection, which ends with it. */
export function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => (socket as Socket).destroySoon());
  return response;
}

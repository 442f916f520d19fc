/** A port that leads to one instance and to nobody else: for commands that open connections by themselves. */
import net, { type AddressInfo, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Address } from '../domain/words';
import { ForeignListener, openTo, type ProvenConnect } from './proven-connection';

const CONNECT_MS = 5_000;

export interface Door {
  /** Of this process, which holds it until `close`: no other account can take it meanwhile. */
  readonly address: Address;
  /** What somebody else's listener on the instance's port kept from it, in words; null: nothing. */
  heldBy(): string | null;
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** Bytes go through as they are; where the instance is not proven, the connection ends without one. */
export async function openDoor(instance: Address, connect: ProvenConnect): Promise<Door> {
  const open = new Set<Socket>();
  let held: string | null = null;
  const lead = async (client: Socket): Promise<void> => {
    keep(open, client);
    try {
      const inside = keep(open, await connect(openTo(instance, CONNECT_MS)));
      await Promise.all([pipeline(client, inside), pipeline(inside, client)]);
    } catch (error) {
      if (error instanceof ForeignListener) held = error.message;
      client.destroy(); // the command sees an ended connection, as from an instance that is away
    }
  };
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => void lead(client));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    heldBy: () => held,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function keep(open: Set<Socket>, socket: Socket): Socket {
  open.add(socket);
  socket.on('error', () => undefined); // told by what reads from it
  return socket.once('close', () => open.delete(socket));
}

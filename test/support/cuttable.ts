/** A way to a server that a test can cut and mend: to the client the server is away meanwhile, and stays as it was. */
import net from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Cuttable {
  readonly host: string;
  readonly port: number;
  /** Breaks off every connection and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** @param target a TCP address, or a Unix socket. */
export async function cuttable(target: { host: string; port: number } | { path: string }): Promise<Cuttable> {
  const open = new Set<net.Socket>();
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;

  function listen(wanted: number): Promise<net.Server> {
    const listening = net.createServer((client) => {
      const upstream = net.connect(target);
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        open.add(one);
        one.on('error', () => other.destroy()).on('close', () => open.delete(one) && other.destroy());
        one.pipe(other);
      }
    });
    return new Promise((resolve, reject) => {
      listening.once('error', reject).listen(wanted, '127.0.0.1', () => resolve(listening));
    });
  }

  return {
    host: '127.0.0.1',
    port,
    cut: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
    mend: async () => {
      if (!server.listening) server = await listen(port);
    },
  };
}

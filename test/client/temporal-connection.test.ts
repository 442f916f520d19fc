import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, isGrpcServiceError } from '@temporalio/client';
import { connectTemporal } from '../../client/temporal-connection';
import { temporalServer } from '../support/stack';

jest.setTimeout(360_000);

/** A way to the server that can be cut. */
async function cuttable(address: string): Promise<{ address: string; cut: () => Promise<void> }> {
  const [host, port] = address.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(port), host);
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on('error', () => undefined);
    }
    socket.pipe(onward).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const statusOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call;
  } catch (error) {
    const { cause } = error as Error;
    return [error, cause].find(isGrpcServiceError) ?? error;
  }
};

test('a call that waits to be repeated ends when its connection is closed, and so does one that comes after', async () => {
  const temporal = await temporalServer();
  const way = await cuttable(temporal.address);
  const connection = await connectTemporal({ address: way.address });
  const { workflow } = new Client({ connection, namespace: temporal.namespace });
  await way.cut();
  const repeated = statusOf(workflow.getHandle('nobody').describe());
  // It has failed by then, and its next try comes after tens of milliseconds at the earliest.
  await sleep(50);
  await connection.close();
  const cancelled = { code: 1, details: 'the connection is closed' };
  expect(await repeated).toMatchObject(cancelled);
  expect(await statusOf(workflow.getHandle('nobody').describe())).toMatchObject(cancelled);
});

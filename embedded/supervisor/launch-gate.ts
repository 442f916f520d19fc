/** Starts the gate with the server behind it. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import type { Home } from '../../system/home';
import type { Keys } from '../access/keys';
import type { GateMessage, GateSettings } from '../gate/settings';
import { systemPath } from '../isolation';
import type { Isolation } from '../isolation';
import { gateMain, gateSocket, logFile, programIdentity, temporalFile } from '../places';
import type { EnginePorts } from '../ports';
import type { TemporalCli } from '../temporal-cli';
import { innerPlaces, temporalArgs } from '../temporal-server';
import { partEnvironment } from './context';
import { launch } from './launch';
import type { Running } from './launch';

/** Every connection of the machine, with the account of each end. */
const CONNECTIONS = '/proc/self/net/tcp';

export interface GateRequest {
  readonly home: Home;
  readonly cli: TemporalCli;
  readonly isolation: Isolation;
  readonly keys: Keys;
  readonly ports: EnginePorts;
}

/** By which a gate of this home, and of this build, is known. */
export const gateArgs = (home: Home): readonly string[] => [gateMain(), home.root, identity];
/** Read once: an update of the package changes the file under a running supervisor. */
const identity = programIdentity();

/** @throws Error when a port is taken meanwhile, or the gate cannot be started. */
export async function launchGate(request: GateRequest): Promise<Running> {
  const { home, isolation, ports } = request;
  const [program = process.execPath, ...args] = [...isolation.prefix, process.execPath, ...gateArgs(home)];
  const listening: net.Server[] = [];
  const connections = await open(CONNECTIONS, 'r');
  try {
    for (const port of [ports.temporal, ports.ui]) listening.push(await listenOn(port));
    const [grpc, ui] = listening as [net.Server, net.Server];
    const settings = await settingsOf(request);
    return await launch({
      program,
      args,
      env: settings.server.env,
      log: logFile(home, 'temporal'),
      third: connections.fd,
      tell: async (child) => {
        await send(child, { kind: 'settings', settings });
        await send(child, { kind: 'grpc' }, grpc);
        await send(child, { kind: 'ui' }, ui);
      },
    });
  } finally {
    for (const server of listening) server.close();
    await connections.close();
  }
}

async function settingsOf({ home, cli, isolation, keys }: GateRequest): Promise<GateSettings> {
  const inner = innerPlaces(isolation);
  const adminSocket = await gateSocket(home);
  await mkdir(path.dirname(adminSocket), { recursive: true, mode: 0o700 });
  return {
    keys,
    inner,
    server: {
      argv: [...isolation.withParent, cli.path, ...temporalArgs(temporalFile(home), inner)],
      env: { ...partEnvironment(), PATH: systemPath() },
    },
    loopback: isolation.loopback,
    adminSocket,
  };
}

/** Who connects before the gate has it is turned away: the gate is not ready then. */
async function listenOn(port: number): Promise<net.Server> {
  const server = net.createServer((socket) => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
  return server;
}

function send(child: ChildProcess, message: GateMessage, handle?: net.Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null) => {
      if (error === null) resolve();
      else reject(new Error(`the gate ended before it was told what to do: ${error.message}`, { cause: error }));
    };
    if (handle === undefined) child.send(message, done);
    else child.send(message, handle, {}, done);
  });
}

/** Ports of the engine: picked once, kept over restarts, and changed only when something else has taken one. */
import { randomInt } from 'node:crypto';
import net from 'node:net';
import { readJson, writeJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { EngineRefusal } from './engine';
import { portsFile } from './places';

export interface EnginePorts {
  readonly temporal: number;
  readonly ui: number;
}

/** Below Linux's range for outgoing connections (32768 and up), which would take a kept port while the engine is down. */
const RANGE = { from: 20_000, to: 32_000 };
const ATTEMPTS = 200;

/** The kept ports; new ones for those that are taken, and a note for each that had to change. */
export async function choosePorts(home: Home): Promise<{ ports: EnginePorts; notes: string[] }> {
  const kept = await readJson<Partial<EnginePorts>>(portsFile(home));
  const notes: string[] = [];
  const choose = async (name: keyof EnginePorts, what: string, not: number | null): Promise<number> => {
    const before = kept?.[name];
    if (before !== undefined && before !== not && (await isFree(before))) return before;
    const port = await pickPort(not);
    if (before !== undefined) notes.push(`port ${before} of ${what} is taken by something else; it is now ${port}`);
    return port;
  };
  const temporal = await choose('temporal', 'Temporal', null);
  const ui = await choose('ui', 'the Web UI', temporal);
  const ports = { temporal, ui };
  if (kept?.temporal !== temporal || kept.ui !== ui) await writeJson(portsFile(home), ports);
  return { ports, notes };
}

export const readPorts = (home: Home): Promise<EnginePorts | null> => readJson<EnginePorts>(portsFile(home));

/** A free port of 127.0.0.1, other than `not`. */
export async function pickPort(not: number | null = null): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(RANGE.from, RANGE.to);
    if (port !== not && (await isFree(port))) return port;
  }
  throw new EngineRefusal(`no free port between ${RANGE.from} and ${RANGE.to} in ${ATTEMPTS} attempts`);
}

export async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
